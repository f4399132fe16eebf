"""What the company sells: one record per product, used by pages, price list and workbook."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Product:
    """A product as the web shop of June 2025 shows it."""

    model: str
    name: str
    kind: str
    page: str
    price: int
    list_price: int
    size: str
    weight: str
    made_in: str
    finishes: tuple[str, ...]
    lead: str
    text: tuple[str, ...]
    features: tuple[str, ...]
    note: str


FJORD = Product(
    model="FJ-60",
    name="Fjord",
    kind="Base cabinet 60 cm",
    page="fjord-60",
    price=349,
    list_price=349,
    size="60 x 82 x 56 cm (W x H x D, feet included)",
    weight="24.5 kg",
    made_in="Lemgo",
    finishes=("White", "Sage green", "Oak"),
    lead="The workhorse under every worktop.",
    text=(
        "Fjord is the cabinet our kitchens are built from. The carcass is 18 mm board with edges"
        " sealed on all four sides, so steam from the dishwasher next door finds no way in.",
        "One adjustable shelf, one soft-closing door that can be hung left or right, four feet"
        " that take up an uneven floor. The door is lacquered six times in our own paint shop.",
        "Fjord arrives flat. Two people with a screwdriver put it together in the time it takes"
        " to drink a pot of tea; the guide is in the box and on this page.",
    ),
    features=(
        "Shelf carries up to 20 kg",
        "Door opens 110 degrees and closes softly",
        "Feet adjustable by 25 mm",
        "Fits worktops up to 60 mm thick",
    ),
    note="Sage green is made to order and takes four weeks; white and oak ship within six days.",
)

LINDEN = Product(
    model="LN-80",
    name="Linden",
    kind="Wall cabinet 80 cm",
    page="linden-80",
    price=469,
    list_price=469,
    size="80 x 70 x 32 cm (W x H x D)",
    weight="21.8 kg",
    made_in="Lemgo",
    finishes=("Natural ash", "Black-stained ash"),
    lead="Reeded glass, warm light, nothing to tidy.",
    text=(
        "Two doors of solid ash with reeded glass from Treviso show that there is something"
        " inside, but not what. A strip of warm light along the top switches on with the door.",
        "Linden hangs on a steel rail. Screw the rail to the wall, lift the cabinet on, then turn"
        " two screws inside until it is level and plumb.",
        "The glass shelves are toughened and 6 mm thick. They rest on four pins each and can be"
        " moved in steps of 32 mm.",
    ),
    features=(
        "LED strip 4.8 W, 2700 K",
        "Each glass shelf carries up to 12 kg",
        "Hidden hanging rail",
        "Five-year guarantee on all hinges",
    ),
    note="Cabinets made in November 2024: please read our recall notice NH-R-2025-03.",
)

SOLVEIG = Product(
    model="SV-210",
    name="Solveig",
    kind="Larder unit 210 cm",
    page="solveig-210",
    price=890,
    list_price=890,
    size="60 x 217 x 58 cm (W x H x D, feet included)",
    weight="78 kg",
    made_in="Lemgo",
    finishes=("White", "Sage green", "Oak"),
    lead="A week of shopping for five, at arm's length.",
    text=(
        "Five chromed baskets pull out to their full depth, so the jar at the back is as easy to"
        " reach as the one in front. Behind the upper door is room for cereal and tall bottles.",
        "Solveig comes in two cartons and must be fixed to the wall; brackets and plugs for"
        " masonry are included.",
    ),
    features=(
        "Five pull-out baskets, 15 kg each",
        "Two soft-closing doors",
        "Baskets can be rehung without tools",
        "Matches Fjord and Ostra in height and colour",
    ),
    note="Because of late runners, Solveig currently ships in about five weeks.",
)

OSTRA = Product(
    model="OS-45",
    name="Ostra",
    kind="Drawer unit 45 cm",
    page="ostra-45",
    price=420,
    list_price=420,
    size="45 x 82 x 56 cm (W x H x D, feet included)",
    weight="31 kg",
    made_in="Lemgo",
    finishes=("White", "Sage green", "Oak"),
    lead="Three real wooden drawers.",
    text=(
        "We still build drawer boxes from birch plywood and dovetail them at the front. They are"
        " warmer than metal, quieter, and they can be repaired.",
        "Each drawer runs on a pair of full-extension runners rated at 40 kg, damped for the last"
        " five centimetres.",
    ),
    features=(
        "Three drawers, full extension",
        "Birch plywood boxes with dovetail joints",
        "Anti-slip mats included",
        "One drawer can be locked (lock sold separately, 24 euros)",
    ),
    note="Ostra may be combined with Fjord under one worktop.",
)

TARN = Product(
    model="TR-150",
    name="Tarn",
    kind="Kitchen island 150 cm",
    page="tarn-150",
    price=2450,
    list_price=2450,
    size="150 x 90 x 90 cm (W x D x H)",
    weight="118 kg",
    made_in="Lemgo",
    finishes=("Oak with light granite", "Oak with black granite"),
    lead="Half oak, half granite, and it rolls.",
    text=(
        "Bakers want stone, everybody else wants wood. Saskia Lindqvist drew Tarn in 2021 after a"
        " winter spent watching both kinds of cook get in each other's way.",
        "The worktop is 40 mm solid oak from the Bukovina, oiled by hand. The pastry slab is"
        " granite from Braga and lies flush with it. Two deep drawers open to either side.",
        "Four castors with foot locks carry the island; unlock them and one person can move it."
        " A socket block with USB-C rises from the corner.",
    ),
    features=(
        "Solid oak worktop, 40 mm",
        "Granite pastry slab 50 x 90 cm",
        "Pop-up sockets: two mains, one USB-C 30 W",
        "Towel rail of blackened steel",
    ),
    note="Tarn is delivered in a crate by two people; a lift or ground floor is needed.",
)

BIRKA = Product(
    model="BK-180",
    name="Birka",
    kind="Extending dining table",
    page="birka-180",
    price=1590,
    list_price=1490,
    size="180 x 90 x 75 cm, with leaf 230 x 90 x 75 cm",
    weight="64 kg",
    made_in="Poznań",
    finishes=("Oiled oak", "White-oiled oak"),
    lead="Six every day, eight on Sundays.",
    text=(
        "One pull and both halves of the table glide apart at the same time; the leaf waits"
        " underneath. Birka was designed by Saskia Lindqvist in 2016 and has been our best-selling"
        " table ever since.",
        "The oak grows in the Bukovina and is cut, dried and glued by one sawmill. Knots and"
        " medullary rays are part of the wood; small knots are filled with dark resin.",
        "The surface is finished with hardwax oil. It can be refreshed in an afternoon, spot by"
        " spot, without sanding the whole top.",
    ),
    features=(
        "Seats six, with leaf eight",
        "Synchronous slide from Sweden",
        "Legs unscrew for moving house",
        "A tin of care oil is in the box",
    ),
    note="Delivery time at present: eight weeks.",
)

KVIST = Product(
    model="KV-140",
    name="Kvist",
    kind="Bench 140 cm",
    page="kvist-140",
    price=380,
    list_price=380,
    size="140 x 36 x 45 cm (W x D x H)",
    weight="14.2 kg",
    made_in="Poznań",
    finishes=("Oiled oak",),
    lead="The bench that slides under Birka.",
    text=(
        "Two trestles and one board, joined by four bolts. The cushion of wool cloth from Plauen"
        " is held by leather loops and can be washed by hand at 30 degrees.",
    ),
    features=(
        "Carries 300 kg",
        "Cushion in charcoal, rust or moss",
        "Felt glides for wooden floors",
    ),
    note="Kvist is also sold without the cushion, for 320 euros.",
)

MOSS = Product(
    model="MS-65",
    name="Moss",
    kind="Counter stool",
    page="moss-65",
    price=210,
    list_price=210,
    size="seat height 58 to 76 cm, base 42 cm",
    weight="8.9 kg",
    made_in="Poznań",
    finishes=("Ash on black frame", "Ash on white frame"),
    lead="Goes up, goes down, stays put.",
    text=(
        "A shell of bent ash on a steel frame with a foot ring. The gas spring sets the height"
        " for a counter or for a table, and the seat turns back to the front by itself.",
    ),
    features=(
        "Tested for 110 kg",
        "Seat turns 360 degrees",
        "Gas spring can be replaced at home",
    ),
    note="The seat pad of wool cloth is included.",
)

PRODUCTS = (FJORD, LINDEN, SOLVEIG, OSTRA, TARN, BIRKA, KVIST, MOSS)
