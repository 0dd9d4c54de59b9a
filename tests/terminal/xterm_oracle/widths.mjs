// How wide xterm.js takes each character to be: a digit for each code from 0xA0 to 0x10FFFF.

import unicode11 from "@xterm/addon-unicode11";
import headless from "@xterm/headless";

const terminal = new headless.Terminal({ allowProposedApi: true });
terminal.loadAddon(new unicode11.Unicode11Addon());
terminal.unicode.activeVersion = "11";
const widths = [];
for (let code = 0xa0; code <= 0x10ffff; code++) widths.push(terminal._core.unicodeService.wcwidth(code));
process.stdout.write(widths.join(""));
