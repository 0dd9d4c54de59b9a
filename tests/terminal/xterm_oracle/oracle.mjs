// What xterm.js shows. Each line of the input is a job: {columns, rows, steps}, a step being ["o", text],
// ["r", columns, rows] or ["?"]. Each "?" prints a line: {cursor: [x, y, visible], height, rows: {y: [text, styles]}} with the rows
// that differ from those of the "?" before; a style is [cells, fg, bg, attributes, underline, underline colour]. A job
// ends with a line "null".

import { createInterface } from "node:readline";
import unicode11 from "@xterm/addon-unicode11";
import headless from "@xterm/headless";

const TRUE_COLOR = 0x1000000;
const ATTRIBUTES = ["isBold", "isDim", "isItalic", "isBlink", "isInverse", "isInvisible", "isStrikethrough", "isOverline"];

function color(isDefault, isRgb, value) {
  return isDefault ? -1 : isRgb ? TRUE_COLOR + value : value;
}

function style(cell) {
  const attributes = ATTRIBUTES.reduce((bits, name, bit) => bits | (cell[name]() ? 1 << bit : 0), 0);
  const extended = cell.hasExtendedAttrs();
  const underline = extended ? cell.extended.underlineStyle : cell.isUnderline() ? 1 : 0;
  const hasColor = extended && ~cell.extended.underlineColor && !cell.isUnderlineColorDefault();
  return [
    color(cell.isFgDefault(), cell.isFgRGB(), cell.getFgColor()),
    color(cell.isBgDefault(), cell.isBgRGB(), cell.getBgColor()),
    attributes,
    underline,
    underline && hasColor ? color(false, cell.isUnderlineColorRGB(), cell.getUnderlineColor()) : -1,
  ];
}

function row(line, columns, cell) {
  let text = "";
  const styles = [];
  let fg, bg, extended;
  for (let x = 0; x < columns; x++) {
    line.getCell(x, cell);
    if (cell.getWidth() !== 0 || cell.getChars()) text += cell.getChars() || " ";
    const nowExtended = cell.hasExtendedAttrs() ? cell.extended.ext : 0;
    if (x && cell.fg === fg && cell.bg === bg && nowExtended === extended) {
      styles[styles.length - 1][0]++;
      continue;
    }
    [fg, bg, extended] = [cell.fg, cell.bg, nowExtended];
    const now = style(cell);
    const last = styles[styles.length - 1];
    if (last && now.every((value, index) => value === last[index + 1])) last[0]++;
    else styles.push([1, ...now]);
  }
  return [text, styles];
}

async function run({ columns, rows, steps, options }) {
  const terminal = new headless.Terminal({ cols: columns, rows, allowProposedApi: true, logLevel: "off", ...options });
  terminal.loadAddon(new unicode11.Unicode11Addon());
  terminal.unicode.activeVersion = "11";
  const out = [];
  let shown = [];
  for (const [code, ...data] of steps) {
    if (code === "o") await new Promise((done) => terminal.write(data[0], done));
    else if (code === "r") terminal.resize(...data);
    else {
      const buffer = terminal.buffer.active;
      const cell = buffer.getNullCell();
      const changed = {};
      const now = [];
      for (let y = 0; y < terminal.rows; y++) {
        const found = row(buffer.getLine(buffer.baseY + y), terminal.cols, cell);
        now.push(JSON.stringify(found));
        if (now[y] !== shown[y]) changed[y] = found;
      }
      shown = now;
      const x = Math.min(buffer.cursorX, terminal.cols - 1);
      const visible = !terminal._core.coreService.isCursorHidden;
      out.push(JSON.stringify({ cursor: [x, buffer.cursorY, visible], height: terminal.rows, rows: changed }));
    }
  }
  terminal.dispose();
  out.push("null\n");
  await new Promise((done) => process.stdout.write(out.join("\n"), done));
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) await run(JSON.parse(line));
