"""Words that lists about homes use, in cells and above columns."""

from lists.cells.vocabulary import words

CORPORATION_HEADERS = words(
    "corporatie, woningcorporatie, verhuurder, woningbouwvereniging, naam corporatie, eigenaar, "
    "woningstichting, wbv, aanbiedende corporatie, toegelaten instelling"
)
MUNICIPALITY_HEADERS = ("gemeente", "gemeentenaam", "naam gemeente")
NEIGHBOURHOOD_HEADERS = words(
    "wijk, buurt, wijk/buurt, buurt/wijk, wijknaam, buurtnaam, stadsdeel, kern, wijk of buurt, "
    "gebied, wijk of kern, dorp/wijk, naam wijk"
)
