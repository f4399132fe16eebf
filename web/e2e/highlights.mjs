/** Pixels by which the strokes' soft edge may pass the image's. */
const EDGE = 4;
/** The least share of dark pixels under a stroke: words stand there. */
const INK = 0.02;

/** Check that the marked characters are the citation's, and in view. */
export async function checkText({ page, checks }, citation) {
  const marks = page.locator(".viewer mark");
  await marks.first().waitFor();
  checks.same((await marks.allTextContents()).join(""), citation.text, "the highlighted text");
  checks.that(await inView(marks.first()), "the highlight is not in view");
}

/** Check that the strokes cover the cited words, on ink, within the page's image. */
export async function checkPage({ page, checks, api }, citation) {
  await page.locator(".stroke").first().waitFor();
  const strokes = await page.locator(".stroke").evaluateAll(measured);
  checks.same(await page.locator(".sheet img").getAttribute("alt"), `Page ${citation.page}`, "the page");
  for (const { start, end, past, ink } of strokes) {
    checks.that(past <= EDGE, `a stroke leaves the page by ${past} pixels`);
    checks.that(ink >= INK, `a stroke lies on white paper: ${ink}`);
    checks.that(start < citation.end && citation.start < end, `a stroke marks ${start}-${end}`);
  }
  const { text } = await api("/api/text", { source: citation.source, version: citation.version });
  const points = Array.from(text);
  const covered = strokes.map(({ start, end }) => points.slice(start, end).join("")).join(" ");
  for (const word of citation.text.split(/[\s|]+/)) {
    checks.that(covered.includes(word), `the word ${word} is not highlighted`);
  }
  checks.that(await inView(page.locator(".stroke").first()), "the highlight is not in view");
}

/** For each stroke: its characters, how far it passes the image, how dark the image is under it. */
function measured(strokes) {
  const image = document.querySelector(".sheet img");
  const frame = image.getBoundingClientRect();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  const scale = image.naturalWidth / frame.width;
  return strokes.map((stroke) => {
    const box = stroke.getBoundingClientRect();
    const past = Math.max(
      frame.left - box.left,
      frame.top - box.top,
      box.right - frame.right,
      box.bottom - frame.bottom,
    );
    const [x, y] = [(box.left - frame.left) * scale, (box.top - frame.top) * scale];
    const { data } = context.getImageData(x, y, Math.ceil(box.width * scale), Math.ceil(box.height * scale));
    let dark = 0;
    for (let at = 0; at < data.length; at += 4) {
      if (data[at + 3] > 0 && data[at] + data[at + 1] + data[at + 2] < 500) dark++;
    }
    const ink = (4 * dark) / data.length;
    return { start: Number(stroke.dataset.start), end: Number(stroke.dataset.end), past, ink };
  });
}

async function inView(locator) {
  return locator.evaluate((element) => {
    const box = element.getBoundingClientRect();
    const frame = element.closest(".viewer-body").getBoundingClientRect();
    return box.bottom > frame.top && box.top < frame.bottom;
  });
}
