"""Five e-mails: quoted-printable, Latin-1, a multipart notice with an attachment, a thread."""

from __future__ import annotations

from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path

_DELAY = """Dear Elif,

I am sorry to write with bad news. On the night of 30 March the Emajõgi rose above the flood wall
and water stood 40 cm deep in our galvanising line. Nobody was hurt, but both baths are
contaminated and the rectifiers must be replaced.

For your purchase order PO-25-0087 (2,400 pairs RN-450 and 900 pairs RN-500) this means:

  - 600 pairs RN-450 were already plated. They leave Tartu on 14 April as planned.
  - The remaining 1,800 pairs RN-450 will be ready on 16 May 2025 instead of 22 April.
  - All RN-500 will be ready on 12 May 2025.

We carry the cost of express freight for the late part. I know that your contract allows a deduction
of 1 % per week, and I will not argue about it.

If it helps, a colleague in Riga could plate 500 pairs in black instead of zinc. Please tell me by
Friday whether your customers would accept that.

With apologies and best regards,
Mart Tamm
Key account manager, Balti Liugur OÜ
Ringtee 88, 50105 Tartu, Estonia – tel. +372 555 0164
"""

_PRICE = """Dear partners,

after two years without a change we have to raise one price. From 1 April 2025 the Birka extending
table (BK-180) costs 1,590 euros in shops instead of 1,490 euros. The reason is the price of oak,
which has gone up by 14 % since our last list.

Orders that reach us by 31 March 2025, 18:00, are invoiced at the old price, whatever the delivery
date. All other prices in the list of January stay as they are until the end of the year.

The printed price list will not be reprinted. Please correct page 1 by hand, or use the enclosed
sticker.

Kind regards from Lemgo
Margaret Osei
Sales director, Nordholz GmbH
"""

_RECALL = """VOLUNTARY RECALL - NH-R-2025-03
Linden wall cabinet 80 cm (LN-80), made in November 2024

Dear dealers,

We are recalling 1,860 Linden wall cabinets. The metal cup of the door hinge can crack, and the
glass door may then fall. The serial number on the back panel begins with LN80-2411. No other month
and no other product is affected.

What to do:
1. Stop selling cabinets with such a number and put them aside.
2. Write to the buyers on your list. They should take the doors off and lay them flat.
3. Order the free hinge set HS-4 with the form on the dealer portal. It holds four hinges of a new
   lot.

A technician fits the new hinges at the customer's home free of charge. Customers who prefer to do
it themselves receive a voucher of 40 euros. Glass that has broken is replaced free of charge as
well.

Customers reach the recall line at +49 5261 555 0190, Monday to Saturday from 8:00 to 20:00, or
recall@nordholz.example. The recall runs until 31 December 2025.

Up to today we know of 17 cases. The numbers per dealer are in the attached table.

Jonas Pell
Customer service manager, Nordholz GmbH
"""

_AFFECTED = """dealer_id,dealer,first_serial,last_serial,cabinets
D-01,Möbelhaus Grewe,LN80-2411-0601,LN80-2411-0940,340
D-02,The Oak Room,LN80-2411-0941,LN80-2411-1120,180
D-03,Meubles Lacombe,LN80-2411-1121,LN80-2411-1380,260
D-04,Fjell Interiør,LN80-2411-1381,LN80-2411-1530,150
D-05,Casa Bianchi,LN80-2411-1531,LN80-2411-1674,144
D-06,Nordholz Korea,LN80-2411-1675,LN80-2411-1734,60
D-07,Shanghai Nuohuo,LN80-2411-1735,LN80-2411-1860,126
D-99,Own web shop,LN80-2411-0001,LN80-2411-0600,600
"""

_LEGS = """Dear Elif,

five customers have written to us since the middle of April because their Birka extending table
(BK-180) wobbles, among them Ms Petrenko in Graz and Mr Maréchal in Lyon. I have had two of the
tables back here.

It is always the turned leg (BK-L1): the hole for the hanger bolt is drilled 0.8 mm too wide, so the
bolt works loose however tight the nut is. The bolts and nuts themselves are sound. All five tables
were made in March 2025.

Please ask the supplier of the legs for a report on the drilling, and block what we have of them in
Lemgo until we know more. The customers get new legs from an older lot today.

Jonas Pell
Customer service manager, Nordholz GmbH
"""

_THREAD = """Dear Ms Wessels,

thank you for your patience, and I am glad that nobody was hurt. I have now seen your photographs.

Your cabinet belongs to the recall. Our technician Volker Hansmann will come on Wednesday 14 May
between 13:00 and 15:00, change all four hinges and bring a new left door. You pay nothing. For the
six cups we have transferred 75 euros to your account.

If the time does not suit you, please ring me: +49 5261 555 0133.

Kind regards
Jonas Pell

> On 5 May 2025 Petra Wessels wrote:
>
> Dear Sir or Madam, this is my third letter about the wall cabinet. The shop has told me at last
> that there is a recall. It hangs without doors now and looks like a shelf. When will somebody
> come? I work until noon, so afternoons are best.
>
> Petra Wessels, Oldenburg
"""


def write(folder: Path) -> None:
    """Write the five `.eml` files into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, message in (
        ("2025-03-18-price-change.eml", _price_change()),
        ("2025-04-02-supplier-delay.eml", _supplier_delay()),
        ("2025-04-11-recall-notice.eml", _recall_notice()),
        ("2025-05-06-reply-to-customer.eml", _reply()),
        ("2025-05-12-wobbly-legs.eml", _wobbly_legs()),
    ):
        (folder / name).write_bytes(message.as_bytes())


def _envelope(
    sender: tuple[str, str], to: tuple[str, str], subject: str, date: str, number: int
) -> EmailMessage:
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = Address(sender[0], addr_spec=sender[1])
    message["To"] = Address(to[0], addr_spec=to[1])
    message["Subject"] = subject
    message["Date"] = date
    message["Message-ID"] = f"<2025{number:04d}@{sender[1].rpartition('@')[2]}>"
    return message


def _supplier_delay() -> EmailMessage:
    message = _envelope(
        ("Mart Tamm", "mart.tamm@baltiliugur.example"),
        ("Elif Demir", "elif.demir@nordholz.example"),
        "PO-25-0087: delay after flood – new dates",
        "Wed, 02 Apr 2025 09:14:31 +0300",
        402,
    )
    message.set_content(_DELAY, cte="quoted-printable")
    return message


def _price_change() -> EmailMessage:
    message = _envelope(
        ("Margaret Osei", "margaret.osei@nordholz.example"),
        ("Dealers Europe", "dealers-europe@nordholz.example"),
        "Preisänderung / price change: Birka from 1 April 2025",
        "Tue, 18 Mar 2025 16:02:10 +0100",
        318,
    )
    message.set_content(_PRICE, charset="iso-8859-1", cte="quoted-printable")
    return message


def _recall_notice() -> EmailMessage:
    message = _envelope(
        ("Jonas Pell", "jonas.pell@nordholz.example"),
        ("All dealers", "dealers@nordholz.example"),
        "Voluntary recall NH-R-2025-03: Linden wall cabinet, November 2024",
        "Fri, 11 Apr 2025 11:30:00 +0200",
        411,
    )
    message.set_content(_RECALL, cte="quoted-printable")
    lines = "".join(f"<p>{line}</p>\n" for line in _RECALL.split("\n\n"))
    html = f"<html><body>\n{lines}</body></html>\n"
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    message.add_attachment(_AFFECTED, subtype="csv", filename="affected-cabinets.csv", cte="base64")
    outer = message
    outer.set_boundary("=-nordholz-mixed-411")
    alternative = next(iter(outer.iter_parts()))
    alternative.set_boundary("=-nordholz-alternative-411")
    return outer


def _reply() -> EmailMessage:
    message = _envelope(
        ("Jonas Pell", "jonas.pell@nordholz.example"),
        ("Petra Wessels", "petra.wessels@post.example"),
        "Re: Re: Linden LN80-2411-0732, door fell off",
        "Tue, 06 May 2025 10:47:55 +0200",
        506,
    )
    message["In-Reply-To"] = "<2025050517@post.example>"
    message.set_content(_THREAD, cte="8bit")
    return message


def _wobbly_legs() -> EmailMessage:
    message = _envelope(
        ("Jonas Pell", "jonas.pell@nordholz.example"),
        ("Elif Demir", "elif.demir@nordholz.example"),
        "Wobbly-leg complaints: Birka, five since April",
        "Mon, 12 May 2025 08:31:20 +0200",
        512,
    )
    message.set_content(_LEGS, cte="quoted-printable")
    return message
