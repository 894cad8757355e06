"""Words that lists use: for phases, kinds of care, housing forms, support; and above columns."""

from lists.cells.vocabulary import Vocabulary, words
from outflow.lifecycle import ContractForm, Exit, FacilityType, HousingForm, Phase, SupportKind

# The first word of a phase is the usual one: its beginning may stand for it (STA, GER).
_PHASES: dict[str, tuple[str, ...]] = {
    Phase.INTAKE: words(
        "instroom, intake, intakefase, ingestroomd, instroomfase, start, startfase, kennismaking, "
        "aanmeldfase, binnenkomst, opname, nieuw, observatie"
    ),
    Phase.STABILISING: words(
        "stabilisatie, stabiel, stabiliseren, stabilisatiefase, stabiliserend, herstel, "
        "herstelfase, behandeling, verblijf, in begeleiding, begeleiding, rust, tot rust komen"
    ),
    Phase.PREPARING: words(
        "voorbereiding, voorbereiden, voorbereidingsfase, voorbereiding uitstroom, in "
        "voorbereiding, voorbereiden op uitstroom, voorbereiding op uitstroom, training, "
        "woontraining, bijna klaar, bijna gereed, toewerken naar uitstroom, opbouw, toewerken, "
        "voorbereiden uitstroom"
    ),
    Phase.READY: words(
        "gereed, uitstroomgereed, kan naar huis, gereed voor uitstroom, uitstroom gereed, klaar, "
        "klaar voor uitstroom, uitstroomklaar, woonklaar, woongereed, wacht op woning, wachtend "
        "op woning, wachtlijst, wacht op aanbod, zoekend, kan uitstromen, klaar om te verhuizen, "
        "wachtend"
    ),
    Phase.OFFERED: words(
        "aangeboden, aanbod gedaan, aanbod, woning aangeboden, voorgedragen, voordracht, "
        "bemiddeling, in bemiddeling, woning in beeld, gematcht, match, bezichtiging, aanbieding, "
        "aanbieding gedaan, aanbod ontvangen, aanbod gekregen, voorstel gedaan, voorstel, "
        "woningaanbod"
    ),
    Phase.HOUSED: words(
        "gehuisvest, verhuisd, uitgestroomd, huisvesting, gehuisvest met begeleiding, woont "
        "zelfstandig, zelfstandig wonend, woning betrokken, nazorg, in woning, sleuteloverdracht "
        "gehad, doorgestroomd naar woning"
    ),
    Phase.RELAPSE: words(
        "terugval, teruggevallen, terug, terug in opvang, terug in beschermd wonen, terugkeer, "
        "teruggekeerd, terugplaatsing, terug naar beschermd wonen of opvang"
    ),
}
_EXITS: dict[str, tuple[str, ...]] = {
    Exit.SELF_HOUSED: words(
        "zelf gevonden, zelf woning gevonden, eigen woning gevonden, zelf gehuisvest, zelfstandig "
        "woning gevonden, op eigen kracht, zelf iets gevonden"
    ),
    Exit.LONG_TERM_CARE: words(
        "wlz, naar wlz, langdurige zorg, wet langdurige zorg, verpleeghuis, wlz-indicatie"
    ),
    Exit.LEFT_OTHER: words(
        "overig vertrokken, vertrokken, overig, anders vertrokken, uit zorg, uit beeld, met "
        "onbekende bestemming, mob, beëindigd, detentie, andere instelling, overgeplaatst"
    ),
    Exit.DECEASED: ("overleden", "overlijden"),
    Exit.END_OF_AFTERCARE: words(
        "einde nazorg, nazorg afgerond, einde begeleiding, begeleiding afgerond, begeleiding "
        "beëindigd, afgerond, afgesloten"
    ),
}
PHASES = Vocabulary(_PHASES, abbreviated=True)
PHASES_AND_EXITS = Vocabulary({**_PHASES, **_EXITS}, abbreviated=True)
FACILITY_TYPES = Vocabulary(
    {
        FacilityType.BW: words(
            "beschermd wonen, bw, beschermd, beschermde woonvorm, bw-plaats, gglz, beschermd "
            "thuis, begeleid wonen, rib w, bescherm wonen, bw intramuraal"
        ),
        FacilityType.MO: words(
            "maatschappelijke opvang, mo, opvang, nachtopvang, crisisopvang, mo-plaats, "
            "24-uursopvang, 24 uurs opvang, vrouwenopvang, daklozenopvang, doorstroom, "
            "doorstroomvoorziening, maatsch. opvang, noodopvang"
        ),
    }
)
SEXES = Vocabulary(
    {
        "male": ("m", "man", "mannelijk", "1", "jongen", "mnl", "dhr", "heer", "de heer"),
        "female": ("v", "vrouw", "vrouwelijk", "2", "f", "meisje", "vrl", "mevr", "mw", "mevrouw"),
        "other": ("x", "anders", "9", "overig", "non-binair", "o", "onbekend", "divers", "0"),
    }
)
READY_KINDS = Vocabulary(
    {
        "expected": words(
            "verwacht, v, verw, verwachting, gepland, prognose, streefdatum, schatting, geschat, "
            "planning, e"
        ),
        "reached": words("bereikt, b, gereed, klaar, definitief, werkelijk, sinds, r, feitelijk"),
    }
)
HOUSING_FORMS = Vocabulary(
    {
        HousingForm.INDEPENDENT: words(
            "zelfstandig, zelfstandige woning, zelfstandige sociale huurwoning, regulier, "
            "zelfstandig wonen, woning, eigen woning, sociale huurwoning, reguliere woning, "
            "zelfst, zelfst., huurwoning"
        ),
        HousingForm.CLUSTERED: words(
            "geclusterd wonen, geclusterd, cluster, clusterwonen, geclusterde woning, geclusterde "
            "woonvorm, groepswonen"
        ),
        HousingForm.MIXED: words(
            "gemengd wonen, gemengd, magic mix, mixed living, gemengde woonvorm, gemengd "
            "wooncomplex"
        ),
        HousingForm.SHORT_STAY: ("short stay", "shortstay", "tijdelijk", "tijdelijke woning"),
        HousingForm.FLEX: ("flexwoning", "flexwonen", "flex", "flexibele woning", "spacebox"),
        HousingForm.SKAEVE_HUSE: ("skaeve huse", "skaeve", "skæve huse", "bijzondere woonvorm"),
        HousingForm.INTERMEDIATE: words(
            "tussenvoorziening, tussenvorm, doorstroomwoning, doorstroomplek, tussenstap, "
            "oefenwoning, trainingswoning"
        ),
        HousingForm.ROOM: words(
            "kamer, onzelfstandig, onzelfstandige woonruimte, kamerbewoning, kamerwonen, "
            "onzelfstandige kamer"
        ),
        HousingForm.ROOM_WITH_ATTENTION: ("kamer met aandacht", "kamers met aandacht"),
        HousingForm.HOUSING_FIRST: ("housing first", "hf", "housingfirst"),
    }
)
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
SUPPORT_KINDS = Vocabulary(
    {
        SupportKind.MEETING_PLACE: words(
            "ontmoetingsplek, ontmoeting, ontmoetingsplaats, ontmoetingscentrum, buurthuis, "
            "huiskamer, wijkhuiskamer, huiskamer van de wijk, herstelplek, buurtkamer"
        ),
        SupportKind.DAY_ACTIVITY: words(
            "dagbesteding, dagactiviteit, dagactiviteiten, arbeidsmatige dagbesteding, werkplek, "
            "activering, dagbesteding arbeidsmatig, daginvulling"
        ),
        SupportKind.NEIGHBOURHOOD_MANAGEMENT: words(
            "buurtmanagement, wijkbeheer, buurtbeheer, buurtbeheerder, sociaal beheer, "
            "wijkmanagement, complexbeheer, beheer"
        ),
        SupportKind.NETWORK: words(
            "netwerkversterking, netwerk, netwerkondersteuning, steunnetwerk, versterken netwerk"
        ),
        SupportKind.NEIGHBOUR: words(
            "buurtman/-vrouw, buurtman, buurtvrouw, buurtman of buurtvrouw, buurtman/vrouw, "
            "wijkman, goede buur, sleutelpersoon"
        ),
        SupportKind.BUDDY: words(
            "buddy, wonen-buddy, woonbuddy, maatje, maatjesproject, wonen buddy, maatjescontact, "
            "woonmaatje, vrijwilliger"
        ),
        SupportKind.TENANCY_COURSE: words(
            "woonschool, wooncursus, cursus wonen, woontraining, huurderstraining, leren wonen"
        ),
        SupportKind.WALK_IN: words(
            "inloop, inloophuis, inlooppunt, inloopvoorziening, inloopspreekuur, wijkinloop, "
            "spreekuur, steunpunt"
        ),
        SupportKind.REACHABLE_24H: words(
            "24-uurs bereikbaarheid, 24 uurs bereikbaarheid, 24-uursbereikbaarheid, "
            "bereikbaarheid 24/7, 24/7 bereikbaar, 24-uurs, 24 uur bereikbaar, 24-uurs "
            "achterwacht, achterwacht, bereikbare nabijheid"
        ),
        SupportKind.DEBT_HELP: words(
            "budgetcoach, schuldhulp, schuldhulpverlening, geldcoach, financiële hulp, "
            "budgetcoaching, budgethulp, schuldhulpmaatje, hulp bij geld, geldloket, financiële "
            "ondersteuning, thuisadministratie"
        ),
        SupportKind.OTHER: ("anders", "overig", "overige", "overige ondersteuning"),
    }
)

# Headers that client lists and phase histories share.
CLIENT_NUMBER_HEADERS = words(
    "cliëntnummer, clientnummer, cliënt nr, client id, dossiernummer, dossier, cliëntcode, "
    "registratienummer, kenmerk cliënt, volgnummer cliënt, zorgnummer, id cliënt, cliënt-id, "
    "persoonsnummer, nummer, cliënt, ecd-nummer, ecd nr, bewonersnummer, deelnemersnummer, "
    "casusnummer, relatienummer"
)
FACILITY_TYPE_HEADERS = words(
    "soort, bw of mo, bw/mo, mo/bw, voorziening, soort voorziening, type voorziening, soort "
    "verblijf, verblijfssoort, verblijf soort, soort zorg, zorgvorm, soort opvang, type verblijf, "
    "regeling, doelgroep, product, zorgsoort, voorzieningsoort"
)
ORIGIN_HEADERS = words(
    "gemeente van herkomst, herkomst, herkomstgemeente, gemeente herkomst, woonplaatsgemeente, "
    "gemeente afkomst, afkomstig uit, komt uit, oorspronkelijke gemeente, gemeente van oorsprong, "
    "vorige woonplaats, laatste woonplaats, plaats van herkomst, herkomst gemeente, "
    "verantwoordelijke gemeente, gemeente voor opname, bron gemeente, laatste gemeente"
)
PHASE_HEADERS = words(
    "fase, fasecode, uitstroomfase, stand, status, fase uitstroom, uitstroom fase, "
    "uitstroomstatus, trajectfase, fase traject, stand van zaken, huidige fase, stap, voortgang, "
    "status uitstroom, hoe ver, stadium, trede, stap in traject, fasering"
)
