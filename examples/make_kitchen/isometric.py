"""Line drawings for the assembly guide: panels and screws in isometric projection."""

from __future__ import annotations

import math
from dataclasses import dataclass

from reportlab.graphics.shapes import Circle, Drawing, Group, Line, Polygon, Rect, String
from reportlab.lib.colors import Color, HexColor, white

INK = HexColor("#24322b")
PALE = HexColor("#eef1ee")
MID = HexColor("#d5ddd7")
DARK = HexColor("#b4c2b8")
ACCENT = HexColor("#c2562d")

_COS, _SIN = math.cos(math.radians(30)), math.sin(math.radians(30))

Point = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Scene:
    """Where the model's origin stands on the drawing, and points per centimetre."""

    x: float
    y: float
    scale: float

    def flat(self, point: Point) -> tuple[float, float]:
        """Project x (right), y (back), z (up) in centimetres to the paper."""
        x, y, z = point
        return (
            self.x + (x + y) * _COS * self.scale,
            self.y + (y - x) * _SIN * self.scale + z * self.scale,
        )


def panel(scene: Scene, at: Point, size: Point) -> Group:
    """Return a box with three visible faces: front, right side, top."""
    x, y, z = at
    w, d, h = size
    front = [(x, y, z), (x + w, y, z), (x + w, y, z + h), (x, y, z + h)]
    side = [(x + w, y, z), (x + w, y + d, z), (x + w, y + d, z + h), (x + w, y, z + h)]
    top = [(x, y, z + h), (x + w, y, z + h), (x + w, y + d, z + h), (x, y + d, z + h)]
    group = Group()
    for corners, fill in ((front, PALE), (side, MID), (top, white)):
        group.add(_face(scene, corners, fill))
    return group


def _face(scene: Scene, corners: list[Point], fill: Color) -> Polygon:
    points = [value for corner in corners for value in scene.flat(corner)]
    return Polygon(points, fillColor=fill, strokeColor=INK, strokeWidth=0.7, strokeLineJoin=1)


def callout(scene: Scene, at: Point, label: str, dx: float, dy: float) -> Group:
    """Return a letter in a circle with a line to the point."""
    x, y = scene.flat(at)
    group = Group()
    group.add(Line(x, y, x + dx, y + dy, strokeColor=ACCENT, strokeWidth=0.8))
    group.add(Circle(x, y, 1.4, fillColor=ACCENT, strokeColor=None))
    group.add(Circle(x + dx, y + dy, 8, fillColor=white, strokeColor=ACCENT, strokeWidth=1))
    group.add(
        String(
            x + dx, y + dy - 3, label, textAnchor="middle", fontName="Helvetica-Bold", fontSize=9
        )
    )
    return group


def arrow(scene: Scene, start: Point, end: Point) -> Group:
    """Return a dashed line with a head: the direction in which a part moves."""
    x0, y0 = scene.flat(start)
    x1, y1 = scene.flat(end)
    angle = math.atan2(y1 - y0, x1 - x0)
    group = Group()
    dashes = [3, 2]
    group.add(Line(x0, y0, x1, y1, strokeColor=ACCENT, strokeWidth=1.2, strokeDashArray=dashes))
    head = [x1, y1]
    for turn in (2.7, -2.7):
        head += [x1 + 7 * math.cos(angle + turn), y1 + 7 * math.sin(angle + turn)]
    group.add(Polygon(head, fillColor=ACCENT, strokeColor=None))
    return group


def exploded_cabinet(width: float, height: float) -> Drawing:
    """Return the carcass with its panels pulled apart and lettered."""
    drawing = Drawing(width, height)
    scene = Scene(width * 0.20, height * 0.36, 1.75)
    drawing.add(panel(scene, (0, 72, 4), (59, 0.6, 71)))
    drawing.add(panel(scene, (-22, 0, 0), (1.8, 56, 72)))
    drawing.add(panel(scene, (1.8, 0, 0), (56.4, 56, 1.8)))
    drawing.add(panel(scene, (1.8, 8, 34), (56.2, 46, 1.8)))
    drawing.add(panel(scene, (1.8, 46, 70.2), (56.4, 10, 1.8)))
    drawing.add(panel(scene, (1.8, 0, 70.2), (56.4, 10, 1.8)))
    drawing.add(panel(scene, (80, 0, 0), (1.8, 56, 72)))
    drawing.add(arrow(scene, (-18, 0, 40), (-2, 0, 40)))
    drawing.add(arrow(scene, (78, 0, 40), (62, 0, 40)))
    for at, label, dx, dy in (
        ((-22, 0, 60), "A", -28, 12),
        ((81, 30, 50), "B", 40, 6),
        ((20, 0, 0.9), "C", -34, -26),
        ((30, 5, 72), "D", -20, 34),
        ((30, 72, 70), "E", 10, 26),
        ((30, 8, 35), "F", -46, -4),
    ):
        drawing.add(callout(scene, at, label, dx, dy))
    return drawing


def closed_cabinet(width: float, height: float, *, door: bool) -> Drawing:
    """Return the standing cabinet, with the door in front of it if asked."""
    drawing = Drawing(width, height)
    scene = Scene(width * 0.24, height * 0.42, 1.35)
    for x, y in ((5, 6), (52, 6), (52, 48)):
        drawing.add(panel(scene, (x, y, -10), (4, 4, 10)))
    drawing.add(panel(scene, (0, 0, 0), (60, 56, 72)))
    drawing.add(_face(scene, [(2, 0, 2), (58, 0, 2), (58, 0, 68), (2, 0, 68)], DARK))
    drawing.add(panel(scene, (2, 2, 34), (56, 0.1, 1.8)))
    if door:
        drawing.add(panel(scene, (0, -36, 0), (60, 1.9, 71.6)))
        drawing.add(panel(scene, (52, -37.5, 46), (1.2, 1.2, 16)))
        for z in (10, 61):
            drawing.add(arrow(scene, (2, -33, z), (2, -2, z)))
        drawing.add(callout(scene, (30, -36, 30), "G", -10, -40))
        drawing.add(callout(scene, (2, -20, 61), "H", -44, 10))
        drawing.add(callout(scene, (53, -37, 50), "O", 34, -38))
    else:
        drawing.add(callout(scene, (54, 8, -6), "M", 36, -12))
        drawing.add(callout(scene, (58, 56, 72), "P", 30, 20))
    return drawing


def hardware(width: float, height: float) -> Drawing:
    """Return the screws and dowels side by side, at true length."""
    drawing = Drawing(width, height)
    items = (("J", 50.0, 7.0, "7 x 50"), ("K", 35.0, 8.0, "8 x 35"), ("I", 16.0, 3.5, "3.5 x 16"))
    for index, (letter, length, diameter, label) in enumerate(items):
        x = 30 + index * width / 3
        drawing.add(_screw(x, height / 2, length * 2.2, diameter * 2.2, threaded=letter != "K"))
        text = f"{letter}   {label} mm"
        drawing.add(String(x, 4, text, fontName="Helvetica", fontSize=8.5, fillColor=INK))
    return drawing


def _screw(x: float, y: float, length: float, diameter: float, *, threaded: bool) -> Group:
    group = Group()
    half = diameter / 2
    group.add(Rect(x, y - half, length, diameter, fillColor=PALE, strokeColor=INK, strokeWidth=0.7))
    step = 4.0
    position = x + step
    while position < x + length - 2:
        lean = 2.5 if threaded else 0.0
        group.add(
            Line(position, y - half, position + lean, y + half, strokeColor=INK, strokeWidth=0.5)
        )
        position += step
    if threaded:
        head = [x, y - half * 1.7, x + 4, y - half, x + 4, y + half, x, y + half * 1.7]
        group.add(Polygon(head, fillColor=DARK, strokeColor=INK, strokeWidth=0.7))
    return group


def wall_fixing(width: float, height: float) -> Drawing:
    """Return a section through wall, bracket and cabinet."""
    drawing = Drawing(width, height)
    wall = width * 0.18
    drawing.add(Rect(wall, 6, 46, height - 12, fillColor=MID, strokeColor=INK, strokeWidth=0.7))
    for y in range(14, int(height) - 10, 12):
        drawing.add(Line(wall, y, wall + 46, y + 10, strokeColor=DARK, strokeWidth=0.6))
    cabinet = wall + 60
    drawing.add(
        Rect(cabinet, 6, 150, height * 0.72, fillColor=PALE, strokeColor=INK, strokeWidth=0.7)
    )
    drawing.add(Rect(cabinet, height * 0.72 - 2, 150, 8, fillColor=white, strokeColor=INK))
    top = height * 0.72 + 6
    drawing.add(Rect(wall + 46, top, 70, 5, fillColor=DARK, strokeColor=INK, strokeWidth=0.7))
    drawing.add(Rect(wall + 46, top, 5, 26, fillColor=DARK, strokeColor=INK, strokeWidth=0.7))
    drawing.add(_screw(wall + 10, top + 18, 44, 6, threaded=True))
    labels = ((wall + 62, top + 20, "N  bracket"), (wall - 44, top + 16, "plug 8 mm"))
    for x, y, text in labels:
        drawing.add(String(x, y, text, fontName="Helvetica-Bold", fontSize=8.5, fillColor=ACCENT))
    drawing.add(String(cabinet + 40, height * 0.35, "cabinet", fontName="Helvetica", fontSize=9))
    drawing.add(String(wall + 10, 14, "wall", fontName="Helvetica", fontSize=9))
    return drawing
