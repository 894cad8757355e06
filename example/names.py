"""The words of which invented people, places and organisations are made."""


def _words(text: str, separator: str | None = None) -> list[str]:
    return [" ".join(word.split()) for word in text.split(separator)]


MALE = _words(
    """
    Aart Abdel Anton Arjan Bart Bas Berend Bilal Bram Brian Casper Chris Cor Daan Danny Dave
    Dylan Eddy Emre Erwin Ferdi Floris Frank Gerard Gerrit Gijs Guus Hans Harm Hassan Henk Hidde
    Ibrahim Igor Jamal Jan Jasper Jelle Jeroen Joost Jorrit Karim Kasper Klaas Koen Lennart
    Leroy Luuk Maarten Marcel Martijn Mats Menno Mohamed Mourad Niek Noud Olaf Omar Pieter Piotr
    Quinten Raoul Remco Rens Ricardo Rinus Ruben Said Sjaak Stefan Teun Tijmen Tobias Tomasz
    Tygo Umut Victor Wim Wouter Youssef
    """
)
FEMALE = _words(
    """
    Agnes Aicha Amber Anja Annelies Anouk Astrid Beata Bep Carla Carmen Chantal Corrie Daphne
    Debby Demi Diana Dunya Eefje Elif Elise Emma Eva Femke Floor Gerda Greetje Hanna Hatice
    Heleen Ineke Inge Iris Jolanda Joke Judith Karin Khadija Kirsten Lena Lieke Linda Lotte
    Loubna Maaike Malika Manon Mandy Marieke Marloes Meryem Mila Miranda Nadia Naima Natasja
    Nienke Noa Olga Petra Quirine Rachida Renate Ria Rosa Sabine Saskia Selma Sharon Silvia
    Suzan Tamara Tineke Vera Wendy Willemijn Yasmin Yvonne Zoë
    """
)
SURNAMES = _words(
    """
    Aarts Amrani Arends Baars Bakker Barends Bekkers Belhaj Berends Blok Boersma Bogaards Bouzid
    Brands Brouwer Bruins Coenen Cornelisse Demir Dijkstra Doornbos Driesen Duivenvoorde
    Eerdmans Eikelboom Elferink Engels Everts Faber Feenstra Gerritsen Giesen Goedhart Groothuis
    Haanstra Hamming Hartman Heijnen Hermans Hoekstra Hofman Huisman Idrissi Jacobs Jonker Kaya
    Keizer Klaver Kooistra Koster Kowalski Kramer Kuipers Lammers Leijten Linssen Lokhorst
    Maassen Martens Moens Mulder Nijhuis Noordhoek Ooms Oosterling Osman Paulus Peeters Pinas
    Postma Prins Reijnders Ritsema Roelofs Ruiter Schaap Scholten Sevinç Slagter Snijders Spaans
    Stam Sterk Tahiri Teunissen Timmer Tuinstra Uitslag Veenstra Verbeek Verhoeven Visscher Vonk
    Vroom Waals Wagenaar Weijers Wessels Wiersma Wijnands Woudstra Yıldız Zandstra Zijlstra
    Zuidema
    """
)
SURNAMES_WITH_PREFIX = (
    ("van", "Beek"), ("de", "Bruin"), ("van den", "Broek"), ("van der", "Linden"),
    ("de", "Haas"), ("van", "Loon"), ("van der", "Veen"), ("de", "Wit"), ("van de", "Ven"),
    ("ten", "Have"), ("ter", "Horst"), ("den", "Ouden"), ("van", "Rijn"), ("van 't", "Hof"),
    ("de", "Groot"), ("van der", "Schaaf"), ("el", "Hadi"), ("dos", "Santos"),
)  # fmt: skip

STREETS = _words(
    """
    Bongerd Dorpsstraat Ekelstraat Fazantlaan Gangboord Heggerank Hofakker Iepstraat Jaagpad
    Klaproosstraat Korenmolen Kraanvogel Kuiperspad Lisdodde Merelhof Notenboom Oeverstraat
    Pastorieweg Populierenlaan Rietgors Schoener Singelkade Spoorlaan Tjalk Touwslagerspad
    Valkenhorst Vlasakker Wederik Wethoudersplein Zeggelaan
    """
)

NEIGHBOURHOODS = _words(
    """Noord|Zuid|Stationskwartier|Vogelbuurt|Bloemenbuurt|De Weiden|Molenkwartier|Schrijversbuurt
    |Havenkwartier|Boomgaarden|Componistenbuurt|De Hoven|Oude Werf|Polderhof|Kruidenbuurt|Brinkhoek
    |De Terpen|Ambachtenbuurt|Waterrijk|Zilverakkers|Planetenbuurt|Oosterpoort|Kanaalzone
    |Lindenpark""",
    "|",
)

FIRST_REGION = "Vlietstreek"
FIRST_MUNICIPALITIES = ("Vlietmonde", "Aardemeer", "Wolderhorn", "Hoogersluis", "Sintelbroek",
                        "Terlanen")  # fmt: skip
FIRST_ELSEWHERE = ("Grauwveen", "Marsdoorn", "Kolkstede")
# The village that was a municipality until it joined the second one, and is its neighbourhood.
FIRST_FORMER = "Kleiwater"

PLACE_BEGINNINGS = _words(
    """
    Vliet Aarde Wolder Hooger Sintel Kolk Elzen Oever Zilver Brem Lans Marke Doorn Grauw Iepen
    Kwelder Roder Tangel Varen Wilgen Zegge Duiker Esker Falken
    """
)
PLACE_ENDINGS = _words(
    """
    monde horn sluis broek lanen stede mere kapelle waarde donk beemd veld lerloo hage wier
    dorpe
    """
)
REGION_ENDINGS = ("streek", "land", "gouw", "kwartier")

PROVIDERS = (
    ("Stichting Onderdak", ("Woonhuis De Brug", "Woonhuis Singelzicht", "Beschermd thuis Oost",
                                 "Begeleid kamerwonen Hofakker")),
    ("Kompas Wonen en Zorg", ("De Ankerplaats", "Wooncentrum Jaagpad",
                                     "Doorstroomlocatie Noord", "Opvang Het Baken")),
    ("De Overkant", ("Nachtopvang Spoorlaan", "Crisisopvang De Haven", "Gezinsopvang Terp",
                         "24-uursopvang De Kade")),
)  # fmt: skip
CORPORATIONS = ("Thuisgoed", "Woonstichting De Linde", "Vesterhuis", "Wonen Oeverstreek",
                "Maatwoning")  # fmt: skip
WELFARE = ("Welzijn Samenkracht", "Buurtwerk De Schakel")

REMARKS = (
    "Wil graag in de buurt van de kinderen blijven.",
    "Heeft een kat; balkon of tuin is fijn.",
    "Staat sinds vorig jaar ingeschreven als woningzoekende.",
    "Inkomen is op orde, toeslagen nog aanvragen.",
    'Zegt zelf: "ik ben er klaar voor"; team is het daarmee eens.',
    "Werkt vier ochtenden per week bij de kringloop.",
    "Zus helpt bij de verhuizing – contact via begeleider.",
    "Urgentieverklaring besproken; motivatiebrief is ingeleverd op 4/2.",
    "Budget voor inrichting € 900 toegekend.",
    "Voorkeur voor begane grond i.v.m. knieën; trap één verdieping lukt.",
)
