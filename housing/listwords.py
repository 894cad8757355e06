"""Words that lists about homes use, in cells and above columns."""

from lists.cells.vocabulary import Vocabulary, words
from outflow.lifecycle import ContractForm

CONTRACT_FORMS = Vocabulary(
    {
        ContractForm.REGULAR: words(
            "regulier, regulier contract, reguliere huurovereenkomst, onbepaalde tijd, eigen "
            "naam, huurcontract, vast, standaard"
        ),
        ContractForm.OMKLAP: words(
            "omklap, omklapwoning, omklapcontract, omklapconstructie, omklapovereenkomst, op naam "
            "van aanbieder, intermediaire verhuur"
        ),
        ContractForm.THREE_PARTY: words(
            "driepartijen, driepartijenovereenkomst, driepartijencontract, 3-partijen, drie "
            "partijen, driepartijenhuur, driehoekscontract, 3 partijen"
        ),
        ContractForm.TEMPORARY: words(
            "tijdelijk met begeleiding, tijdelijk, tijdelijk contract, bepaalde tijd, tijdelijke "
            "huur, met begeleiding"
        ),
        ContractForm.LAST_CHANCE: words(
            "laatste kans, laatstekanscontract, laatste-kansovereenkomst, laatste kansbeleid, "
            "tweede kans, tweede-kanscontract"
        ),
        ContractForm.HOUSING_FIRST_INDIRECT: words(
            "housing first, housing first indirect, indirect, housing first via aanbieder"
        ),
    }
)
CORPORATION_HEADERS = words(
    "corporatie, woningcorporatie, verhuurder, woningbouwvereniging, naam corporatie, eigenaar, "
    "woningstichting, wbv, aanbiedende corporatie, toegelaten instelling"
)
MUNICIPALITY_HEADERS = ("gemeente", "gemeentenaam", "naam gemeente")
NEIGHBOURHOOD_HEADERS = words(
    "wijk, buurt, wijk/buurt, buurt/wijk, wijknaam, buurtnaam, stadsdeel, kern, wijk of buurt, "
    "gebied, wijk of kern, dorp/wijk, naam wijk"
)
