"""Invented names: companies, people, places, jobs, devices. Addresses are of reserved ranges."""

from __future__ import annotations

from orgsim.world.cast import Place

COMPANIES = (
    ("Tallgrass Instruments", "tallgrass"),
    ("Brightwater Logistics", "brightwater"),
    ("Copperfield Medical", "copperfield"),
    ("Lanternfish Energy", "lanternfish"),
    ("Orchard Lane Foods", "orchardlane"),
    ("Stonebridge Mutual", "stonebridge"),
    ("Kestrel Freight", "kestrelfreight"),
    ("Maplewood Robotics", "maplewood"),
)
FIRST = """
Ada Amir Ana Andre Anika Arjun Aurora Ben Bianca Björn Bruno Camila Carlos Carmen Chen Chloe Clara
Daniel Daria David Dina Diego Edda Eleni Elias Emil Emma Enzo Esra Eva Fatima Felix Finn Flora Gia
Grace Hana Hannah Hugo Ida Ines Ingrid Isaac Ivan Jana Jasmine Jonas Julia Kai Karim Kenji Klara
Lars Layla Lena Leo Lina Luca Lucia Maja Malik Marco Maria Marta Mateo Maya Mei Mia Milan Mina Nadia
Nils Nina Noah Nora Olga Oliver Omar Paula Pedro Priya Rafael Rania Ravi Rosa Ruth Sam Sara Selin
Sofia Stella Tariq Tess Theo Tomas Uma Vera Victor Wanda Willa Yara Yusuf Zara Zoe
""".split()
LAST = """
Abbott Acosta Adeyemi Ahlgren Almeida Andersen Baker Banerjee Barros Bauer Becker Bianchi Bishop
Blanc Bloom Boateng Brandt Byrne Castillo Chandra Chen Clarke Costa Cruz Dahl Dawson Delgado Demir
Dubois Duarte Eriksen Evans Farouk Ferrari Fischer Fletcher Flores Fontaine Garcia Gruber Gupta
Hansen Haddad Hayes Hoffman Holm Hughes Ibarra Ito Jansen Jensen Kapoor Kaya Keller Khan Kim Kimura
Klein Kowalski Larsen Laurent Lehmann Lindqvist Lopez Lund Marin Martins Mbeki Meyer Moreau Morgan
Mori Nakamura Nguyen Novak Okafor Olsen Ortega Osei Park Patel Pereira Petrov Quinn Ramos Reyes
Richter Rossi Sato Schmidt Silva Singh Soto Stone Suzuki Takeda Tanaka Torres Vargas Virtanen Wagner
Walsh Weber Winter Wolff Yamada Young Zhang Ziegler
""".split()

PLACES = (
    Place(
        "Chicago",
        "Illinois",
        "United States",
        "US",
        "60606",
        41.8781,
        -87.6298,
        "America/Chicago",
        -360,
        ("203.0.113.10", "203.0.113.11"),
        "198.18",
    ),
    Place(
        "Boston",
        "Massachusetts",
        "United States",
        "US",
        "02110",
        42.3601,
        -71.0589,
        "America/New_York",
        -300,
        ("203.0.113.20", "203.0.113.21"),
        "198.18",
    ),
    Place(
        "Denver",
        "Colorado",
        "United States",
        "US",
        "80202",
        39.7392,
        -104.9903,
        "America/Denver",
        -420,
        ("203.0.113.30",),
        "198.18",
    ),
    Place(
        "Dublin",
        "Leinster",
        "Ireland",
        "IE",
        "D02",
        53.3498,
        -6.2603,
        "Europe/Dublin",
        0,
        ("203.0.113.40", "203.0.113.41"),
        "198.19",
    ),
    Place(
        "Munich",
        "Bavaria",
        "Germany",
        "DE",
        "80331",
        48.1351,
        11.5820,
        "Europe/Berlin",
        60,
        ("203.0.113.50",),
        "198.19",
    ),
    Place(
        "Singapore",
        "Central Singapore",
        "Singapore",
        "SG",
        "018956",
        1.3521,
        103.8198,
        "Asia/Singapore",
        480,
        ("203.0.113.60",),
        "198.19",
    ),
)
CLOUD = Place(
    "Ashburn",
    "Virginia",
    "United States",
    "US",
    "20147",
    39.0438,
    -77.4874,
    "America/New_York",
    -300,
    ("198.51.100.10",),
    "198.51",
)
PLACE_WEIGHTS = (34, 22, 12, 14, 12, 6)

# department: share of people, titles, profile, how many sign in by password in percent
DEPARTMENTS: tuple[tuple[str, int, tuple[str, ...], str], ...] = (
    ("Sales", 40, ("Account Executive", "Sales Manager", "Sales Development Rep"), "Sales User"),
    ("Customer Service", 28, ("Support Agent", "Support Lead", "Case Manager"), "Service Agent"),
    ("Marketing", 10, ("Campaign Manager", "Marketing Analyst"), "Marketing Team"),
    ("Finance", 9, ("Controller", "Billing Specialist", "Financial Analyst"), "Finance User"),
    ("Operations", 9, ("Operations Analyst", "Order Coordinator"), "Standard User"),
    ("IT", 4, ("Salesforce Developer", "Business Analyst", "Release Manager"), "Standard User"),
)
DESKTOPS = (
    ("Chrome 142", "Windows 11"),
    ("Chrome 142", "Mac OSX"),
    ("Edge 142", "Windows 11"),
    ("Chrome 141", "Windows 10"),
    ("Firefox 145", "Windows 11"),
    ("Safari 26", "Mac OSX"),
)
DESKTOP_WEIGHTS = (38, 20, 22, 10, 5, 5)
MOBILES = (("Salesforce for iOS", "iOS 26.1"), ("Salesforce for Android", "Android 16"))

ACCOUNTS = """
Alder,Basalt,Cinder,Dovetail,Ember,Foxglove,Granite,Harbor,Indigo,Juniper,Kelp,Larkspur,Meridian,
Nettle,Opal,Pinecrest,Quartz,Rookery,Saltmarsh,Thistle,Umber,Verdant,Willow,Yarrow,Zephyr
""".replace("\n", "").split(",")
KINDS = ("Supplies", "Holdings", "Labs", "Partners", "Works", "Clinics", "Transport", "Foods")
