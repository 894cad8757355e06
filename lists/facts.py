"""Municipalities that were abolished or renamed since 2009, and what they became.

Source: CBS, "Gemeentelijke indeling" per year (recoding of municipalities). A municipality
that was divided has every municipality that received a part of it.
"""

from lists.cells.texts import plain

_BECAME: dict[int, dict[str, tuple[str, ...]]] = {
    2009: {
        "Bloemendaal": ("Bennebroek",),
        "Kaag en Braassem": ("Alkemade", "Jacobswoude"),
    },
    2010: {
        "Horst aan de Maas": ("Sevenum", "Meerlo-Wanssum"),
        "Venray": ("Meerlo-Wanssum",),
        "Venlo": ("Arcen en Velden",),
        "Peel en Maas": ("Helden", "Kessel", "Maasbree", "Meijel"),
        "Zuidplas": ("Moordrecht", "Nieuwerkerk aan den IJssel", "Zevenhuizen-Moerkapelle"),
        "Oldambt": ("Reiderland", "Scheemda", "Winschoten"),
        "Rotterdam": ("Rozenburg",),
    },
    2011: {
        "Medemblik": ("Andijk", "Wervershoof"),
        "Eijsden-Margraten": ("Eijsden", "Margraten"),
        "Bodegraven-Reeuwijk": ("Bodegraven", "Reeuwijk"),
        "Súdwest-Fryslân": ("Bolsward", "Nijefurd", "Sneek", "Wûnseradiel", "Wymbritseradiel"),
        "Oss": ("Lith",),
        "Stichtse Vecht": ("Breukelen", "Loenen", "Maarssen"),
        "De Ronde Venen": ("Abcoude",),
    },
    2012: {
        "Hollands Kroon": ("Anna Paulowna", "Niedorp", "Wieringen", "Wieringermeer"),
    },
    2013: {
        "Molenlanden": ("Graafstroom", "Liesveld", "Nieuw-Lekkerland"),
        "Goeree-Overflakkee": ("Dirksland", "Goedereede", "Middelharnis", "Oostflakkee"),
        "Schagen": ("Harenkarspel", "Zijpe"),
    },
    2014: {
        "Alphen aan den Rijn": ("Boskoop", "Rijnwoude"),
        "De Fryske Marren": ("Gaasterlân-Sleat", "Lemsterland", "Skarsterlân", "Boarnsterhim"),
        "Heerenveen": ("Boarnsterhim",),
        "Leeuwarden": ("Boarnsterhim",),
        "Súdwest-Fryslân": ("Boarnsterhim",),
    },
    2015: {
        "Alkmaar": ("Graft-De Rijp", "Schermer"),
        "'s-Hertogenbosch": ("Maasdonk",),
        "Oss": ("Maasdonk",),
        "Berg en Dal": ("Millingen aan de Rijn", "Ubbergen"),
        "Krimpenerwaard": ("Bergambacht", "Nederlek", "Ouderkerk", "Schoonhoven", "Vlist"),
        "Nissewaard": ("Bernisse", "Spijkenisse"),
        "De Fryske Marren": ("De Friese Meren",),
    },
    2016: {
        "Gooise Meren": ("Bussum", "Muiden", "Naarden"),
        "Edam-Volendam": ("Zeevang",),
        "Berg en Dal": ("Groesbeek",),
    },
    2017: {
        "Meierijstad": ("Schijndel", "Sint-Oedenrode", "Veghel"),
    },
    2018: {
        "Waadhoeke": (
            "Franekeradeel",
            "het Bildt",
            "Menameradiel",
            "Menaldumadeel",
            "Littenseradiel",
        ),
        "Leeuwarden": ("Leeuwarderadeel", "Littenseradiel"),
        "Súdwest-Fryslân": ("Littenseradiel",),
        "Westerwolde": ("Bellingwedde", "Vlagtwedde"),
        "Midden-Groningen": ("Hoogezand-Sappemeer", "Menterwolde", "Slochteren"),
        "Zevenaar": ("Rijnwaarden",),
    },
    2019: {
        "Het Hogeland": ("Bedum", "De Marne", "Eemsmond", "Winsum"),
        "Westerkwartier": ("Grootegast", "Leek", "Marum", "Zuidhorn", "Winsum"),
        "Noardeast-Fryslân": (
            "Dongeradeel",
            "Ferwerderadiel",
            "Kollumerland en Nieuwkruisland",
        ),
        "Groningen": ("Haren", "Ten Boer"),
        "Altena": ("Aalburg", "Werkendam", "Woudrichem"),
        "Haarlemmermeer": ("Haarlemmerliede en Spaarnwoude",),
        "Noordwijk": ("Noordwijkerhout",),
        "Hoeksche Waard": (
            "Binnenmaas",
            "Cromstrijen",
            "Korendijk",
            "Oud-Beijerland",
            "Strijen",
        ),
        "Molenlanden": ("Giessenlanden", "Molenwaard"),
        "Vijfheerenlanden": ("Leerdam", "Vianen", "Zederik"),
        "West Betuwe": ("Geldermalsen", "Lingewaal", "Neerijnen"),
        "Beekdaelen": ("Nuth", "Onderbanken", "Schinnen"),
    },
    2021: {
        "Eemsdelta": ("Appingedam", "Delfzijl", "Loppersum"),
        "Boxtel": ("Haaren",),
        "Oisterwijk": ("Haaren",),
        "Tilburg": ("Haaren",),
        "Vught": ("Haaren",),
    },
    2022: {
        "Dijk en Waard": ("Heerhugowaard", "Langedijk"),
        "Purmerend": ("Beemster",),
        "Maashorst": ("Landerd", "Uden"),
        "Land van Cuijk": ("Boxmeer", "Cuijk", "Grave", "Mill en Sint Hubert", "Sint Anthonis"),
        "Amsterdam": ("Weesp",),
    },
    2023: {
        "Voorne aan Zee": ("Brielle", "Hellevoetsluis", "Westvoorne"),
    },
}


def _successors() -> dict[str, tuple[int, tuple[str, ...]]]:
    found: dict[str, tuple[int, tuple[str, ...]]] = {}
    for year, mergers in _BECAME.items():
        for successor, formers in mergers.items():
            for former in formers:
                since, known = found.get(plain(former), (year, ()))
                found[plain(former)] = (since, (*known, successor))
    return found


# plain name of a former municipality -> (year from which it no longer exists, its successors)
FORMER_MUNICIPALITIES = _successors()
# Names in use beside the official one.
OTHER_NAMES = {
    plain(other): official
    for other, official in {
        "Den Haag": "'s-Gravenhage",
        "Den Bosch": "'s-Hertogenbosch",
        "Sudwest Fryslan": "Súdwest-Fryslân",
        "Noordoost-Fryslân": "Noardeast-Fryslân",
    }.items()
}
