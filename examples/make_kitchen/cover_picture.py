"""The cover's raster picture: a kitchen corner with the cabinet, painted pixel by pixel."""

from __future__ import annotations

import io
import random

from PIL import Image, ImageDraw, ImageFilter

_SIZE = (1100, 760)


def cover_picture() -> bytes:
    """Return the picture as JPEG; the same bytes every time."""
    picture = Image.new("RGB", _SIZE, "#e7e2d8")
    draw = ImageDraw.Draw(picture)
    _tiles(draw)
    picture.paste(_planks((_SIZE[0], 180), 7, "#a9825b"), (0, 580))
    _shadow(picture)
    draw = ImageDraw.Draw(picture)
    _cabinet(draw)
    picture.paste(_planks((560, 34), 3, "#b98d5e"), (270, 196))
    _still_life(draw)
    buffer = io.BytesIO()
    picture.filter(ImageFilter.SMOOTH).save(buffer, "JPEG", quality=82)
    return buffer.getvalue()


def _tiles(draw: ImageDraw.ImageDraw) -> None:
    rng = random.Random(11)
    for row in range(10):
        for column in range(-1, 12):
            x = column * 104 + (row % 2) * 52
            shade = 222 + rng.randint(-7, 7)
            box = (x, row * 58, x + 100, row * 58 + 54)
            draw.rectangle(box, fill=(shade, shade - 3, shade - 12))


def _planks(size: tuple[int, int], seed: int, colour: str) -> Image.Image:
    rng = random.Random(seed)
    wood = Image.new("RGB", size, colour)
    draw = ImageDraw.Draw(wood)
    base = wood.getpixel((0, 0))
    assert isinstance(base, tuple)
    for _ in range(size[0] * size[1] // 90):
        x, y = rng.randrange(-60, size[0]), rng.randrange(size[1])
        change = rng.randint(-22, 16)
        line = tuple(max(0, min(255, int(value) + change)) for value in base)
        draw.line((x, y, x + rng.randint(30, 160), y + rng.randint(-1, 1)), fill=line)
    for y in range(45, size[1], 45):
        draw.line((0, y, size[0], y), fill="#6f5236", width=2)
    return wood


def _shadow(picture: Image.Image) -> None:
    mask = Image.new("L", _SIZE, 0)
    ImageDraw.Draw(mask).polygon([(310, 655), (800, 655), (900, 700), (360, 706)], fill=120)
    dark = Image.new("RGB", _SIZE, "#3c2d20")
    picture.paste(dark, (0, 0), mask.filter(ImageFilter.GaussianBlur(16)))


def _cabinet(draw: ImageDraw.ImageDraw) -> None:
    for x in (330, 760):
        draw.rectangle((x, 640, x + 22, 672), fill="#2f3331")
    for y in range(230, 645):
        shade = 250 - (y - 230) // 22
        draw.line((290, y, 810, y), fill=(shade, shade, shade - 6))
    draw.rectangle((290, 230, 810, 645), outline="#8d8f88", width=2)
    draw.rectangle((300, 240, 800, 637), outline="#c9cac2", width=2)
    draw.rounded_rectangle((722, 268, 738, 400), radius=7, fill="#8e9392", outline="#666a69")
    draw.line((727, 272, 727, 396), fill="#d7dada", width=3)
    draw.line((806, 236, 806, 640), fill="#b9bab3", width=4)


def _still_life(draw: ImageDraw.ImageDraw) -> None:
    draw.ellipse((362, 168, 470, 204), fill="#4f6b58")
    draw.pieslice((362, 110, 470, 236), 0, 180, fill="#4f6b58")
    for x, y, colour in ((384, 148, "#c98b2b"), (412, 140, "#b9472f"), (438, 150, "#c98b2b")):
        draw.ellipse((x - 18, y - 18, x + 18, y + 18), fill=colour)
    draw.rectangle((620, 96, 668, 196), fill="#7d8f96")
    draw.rectangle((634, 60, 654, 98), fill="#7d8f96")
    draw.line((644, 60, 660, 10), fill="#4b5d3d", width=4)
    draw.ellipse((648, 2, 690, 40), fill="#64804f")
