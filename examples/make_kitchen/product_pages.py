"""The web shop: eight product pages, a company page and a delivery page, with site furniture."""

from __future__ import annotations

from html import escape
from pathlib import Path

from make_kitchen.catalogue import PRODUCTS, Product

_SHELL = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} | Nordholz</title>
<meta name="description" content="{lead}">
<link rel="canonical" href="https://www.nordholz.example/en/{page}.html">
<link rel="stylesheet" href="/assets/site.css">
<script>window.shop = {{"currency": "EUR", "locale": "en-DE", "cart": []}};</script>
</head>
<body>
<div class="cookie-banner" role="dialog" aria-label="Cookies">
<p>We use cookies to remember your basket. <a href="/en/privacy.html">Read more</a></p>
<button type="button">Accept all</button> <button type="button">Only necessary</button>
</div>
<header class="site-header">
<a class="logo" href="/en/">Nordholz</a>
<nav aria-label="Main">
<ul>
<li><a href="/en/kitchens.html">Kitchens</a></li>
<li><a href="/en/tables.html">Tables &amp; seating</a></li>
<li><a href="/en/delivery.html">Delivery &amp; returns</a></li>
<li><a href="/en/about.html">About us</a></li>
<li><a href="/en/dealers.html">Find a dealer</a></li>
</ul>
</nav>
<form class="search" action="/en/search"><input name="q" placeholder="Search the shop"></form>
<a class="basket" href="/en/basket.html">Basket (0)</a>
</header>
<main>
<p class="breadcrumb"><a href="/en/">Home</a> &rsaquo; {crumb}</p>
<article>
{body}
</article>
{related}
</main>
<footer class="site-footer">
<div class="newsletter"><h2>Letters from the workshop</h2>
<p>Four times a year, no advertising. Unsubscribe whenever you like.</p>
<input type="email" placeholder="Your e-mail"><button type="button">Subscribe</button></div>
<ul class="social"><li>Follow us</li>
<li><a href="#">Photographs</a></li><li><a href="#">Films</a></li></ul>
<p class="legal">&copy; 2025 Nordholz GmbH, Lindenallee 14, 32657 Lemgo, Germany.
Registered at Lemgo district court, HRB 90417. All prices include 19% VAT.</p>
<ul><li><a href="/en/imprint.html">Imprint</a></li><li><a href="/en/privacy.html">Privacy</a></li>
<li><a href="/en/terms.html">Terms</a></li></ul>
</footer>
</body>
</html>
"""

_ABOUT = """<h1>About Nordholz</h1>
<p class="lead">A family firm that makes kitchens and tables.</p>
<p>Henning Voss founded Nordholz in 1987 in a disused sawmill on the edge of Lemgo. He had eleven
thousand marks, a second-hand planer and one order: a school canteen with forty tables. His daughter
Katrin Voss has been managing director since 2019.</p>
<p>Today Nordholz GmbH employs 214 people at two sites. Kitchen cabinets are made in Lemgo; tables,
benches and stools come from our works in Poznań, which Piotr Zieliński has led since it opened in
2009.</p>
<h2>Wood</h2>
<p>All our solid oak comes from certified forests in the Bukovina and reaches us through one
sawmill, Carpathia Oak in Suceava, with whom we have worked since 2014. For every cubic metre that
we use, the sawmill plants six trees.</p>
<h2>People</h2>
<ul>
<li>Katrin Voss, managing director</li>
<li>Dr. Tobias Reuter, head of quality</li>
<li>Elif Demir, head of purchasing</li>
<li>Margaret Osei, sales director</li>
<li>Saskia Lindqvist, head of design</li>
<li>Jonas Pell, customer service</li>
</ul>
<h2>Abroad</h2>
<p>Since 2020 the Shanghai Nuohuo Home Furnishing Co., Ltd. has sold our furniture in China, since
2022 Nordholz Korea in Seoul. In nine European countries you will find us at independent
dealers.</p> <h2>Awards</h2>
<p>Tarn received the Westphalian Design Prize in 2022.</p>"""

_DELIVERY = """<h1>Delivery and returns</h1>
<p class="lead">What it costs, how long it takes, and how to send something back.</p>
<h2>Delivery within Germany</h2>
<table>
<tr><th>Order value</th><th>Parcel (up to 31 kg)</th><th>Freight, two people</th></tr>
<tr><td>below 500 euros</td><td>9.90 euros</td><td>79 euros</td></tr>
<tr><td>500 to 1,500 euros</td><td>free</td><td>49 euros</td></tr>
<tr><td>above 1,500 euros</td><td>free</td><td>free</td></tr>
</table>
<p>Freight deliveries come to the room of your choice, Monday to Friday between 8:00 and 17:00. The
driver rings an hour before. Packaging is taken back free of charge.</p>
<h2>Islands and abroad</h2>
<p>For German islands we charge an additional 35 euros. To Austria, the Netherlands, Belgium and
Denmark, freight costs 129 euros whatever the order value. For other countries please ask a
dealer.</p>
<h2>Returns</h2>
<p>You may return anything from the shop within 30 days, unassembled and in its carton. Pieces made
to order, for example in sage green, cannot be returned. We collect freight goods for 59 euros;
parcels come with a prepaid label.</p>
<h2>Damage in transit</h2>
<p>Please write the damage on the delivery note before you sign, take a photograph and send it to
service@nordholz.example within seven days. A replacement leaves our works within three working
days.</p>"""


def write(folder: Path) -> None:
    """Write ten HTML pages into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for product in PRODUCTS:
        (folder / f"{product.page}.html").write_text(_product_page(product), encoding="utf-8")
    about = _page("about", "About us", "A family firm that makes kitchens and tables.", _ABOUT)
    (folder / "about.html").write_text(about, encoding="utf-8")
    lead = "What delivery costs, how long it takes, how to return."
    delivery = _page("delivery", "Delivery and returns", lead, _DELIVERY)
    (folder / "delivery.html").write_text(delivery, encoding="utf-8")


def _page(page: str, title: str, lead: str, body: str, related: str = "") -> str:
    return _SHELL.format(
        page=page,
        title=escape(title),
        lead=escape(lead),
        crumb=escape(title),
        body=body,
        related=related,
    )


def _product_page(product: Product) -> str:
    title = f"{product.name} {product.kind.lower()}"
    return _page(product.page, title, product.lead, _product_body(product), _related(product))


def _product_body(product: Product) -> str:
    paragraphs = "\n".join(f"<p>{escape(text)}</p>" for text in product.text)
    features = "\n".join(f"<li>{escape(text)}</li>" for text in product.features)
    finishes = ", ".join(product.finishes)
    rows = (
        ("Model", product.model),
        ("Size", product.size),
        ("Weight", product.weight),
        ("Finishes", finishes),
        ("Made in", product.made_in),
    )
    table = "\n".join(f"<tr><th>{name}</th><td>{escape(value)}</td></tr>" for name, value in rows)
    return f"""<h1>{escape(product.name)} <small>{escape(product.kind)}</small></h1>
<p class="lead">{escape(product.lead)}</p>
<p class="price"><strong>{product.price:,} €</strong> <span>including VAT, plus delivery</span></p>
<button type="button" class="buy">Add to basket</button>
{paragraphs}
<h2>At a glance</h2>
<ul>
{features}
</ul>
<h2>Facts</h2>
<table>
{table}
</table>
<p class="note">{escape(product.note)}</p>"""


def _related(product: Product) -> str:
    others = [other for other in PRODUCTS if other is not product][:3]
    items = "\n".join(
        f'<li><a href="/en/{other.page}.html">{other.name}</a> {escape(other.kind)}</li>'
        for other in others
    )
    return f'<aside class="related"><h2>Goes well with</h2>\n<ul>\n{items}\n</ul></aside>'
