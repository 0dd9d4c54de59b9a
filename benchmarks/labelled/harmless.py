"""What terminals show all the time and must stay: hashes, ids, versions, dates, prices, manuals, placeholders."""

from collections.abc import Iterator
from typing import NamedTuple

from labelled.drawing import Draw


class Harmless(NamedTuple):
    """A line that holds nothing of anybody's."""

    form: str
    text: str


_LINES = r"""
commit: commit {hex:40} (HEAD -> main)
commit: {hex:7} Fix the parser of dates
commit: index {hex:7}..{hex:7} 100644
commit: Merge: {hex:7} {hex:7}
commit: Updating {hex:7}..{hex:7}
digest: {hex:64}  archive.tar.gz
digest: {hex:32}  notes.txt
digest: sha256:{hex:64}: Pulling from library/alpine
digest: Digest: sha256:{hex:64}
digest: "integrity": "sha512-{base64:86}==",
digest: h1:{base64:43}=
digest: checksum = "{hex:64}"
digest: --hash=sha256:{hex:64} \
digest: SHA256:{base64:43} ED25519 key fingerprint
digest: {hex:2}:{hex:2}:{hex:2}:{hex:2}:{hex:2}:{hex:2} dev eth0
uuid: {hex:8}-{hex:4}-4{hex:3}-a{hex:3}-{hex:12}
uuid: request-id: {hex:8}-{hex:4}-4{hex:3}-9{hex:3}-{hex:12}
uuid: UUID={hex:8}-{hex:4}-4{hex:3}-b{hex:3}-{hex:12} / ext4 defaults 0 1
uuid: arn:service:region:{digits:12}:stack/{hex:8}
picture: data:image/png;base64,iVBORw0KGgo{base64:80}
picture: {base64:76}
version: react@18.{digits:1}.0 lodash@4.17.{digits:2}
version: Python 3.{digits:2}.{digits:1} (main, Dec  8 2023, 14:22:46) [GCC 12.2.0] on linux
version: go: downloading golang.org/x/sys v0.{digits:2}.0
version: Get:1 http://deb.debian.org/debian bookworm/main amd64 libc6 amd64 2.36-9+deb12u{digits:1} [2,756 kB]
version: Chrome/120.0.{digits:4}.{digits:3} Safari/537.36
version: {digits:1}.{digits:2}.{digits:1}.{digits:1}-rc{digits:1}
address: ping 192.0.2.{digits:2} ... 198.51.100.{digits:2}
address: 10.{digits:1}.{digits:2}.{digits:2}:8080 -> 127.0.0.1:{digits:4}
address: inet 192.168.1.{digits:2}/24 brd 192.168.1.255
address: fe80::{hex:4}:{hex:4}:fe{hex:2}:{hex:4}%eth0
address: 2001:db8::{hex:4}
date: 2026-0{digits:1}-1{digits:1}T12:30:45.{digits:6}Z started
date: Mon May  1 12:00:0{digits:1} 2026 +0200
date: [17{digits:8}.{digits:3}] usb 1-1: new high-speed device
date: epoch 17{digits:8} 17{digits:8}
price: total $1,2{digits:2}.{digits:2} EUR 9{digits:2}.99 qty {digits:2}
price: {digits:5} {digits:5} {digits:5} {digits:5}
price: 0.{digits:6}, 0.{digits:6}, -0.{digits:6}
price: order 4{digits:3}-{digits:7} shipped
price: 415 {digits:3} {digits:4} 0 0
hexdump: 000000{digits:2}  7f 45 4c 46 02 01 01 00  00 {hex:2} {hex:2} 00 00 00 00 00  |.ELF............|
hexdump: 0x7ff{hex:9} <main+{digits:2}>: mov 0x{hex:4}(%rip),%rax
hexdump: 0 1{digits:1} 2{digits:1} 3{digits:1} 4{digits:1} 5{digits:1}
manual: -p, --password=PASS   Password to use when connecting; see also --password-file
manual: --token TOKEN  token of the service, by default $SERVICE_TOKEN ({digits:1} characters at least)
manual: The secret key is read from the environment variable SECRET_KEY_{digits:1}, if set.
manual: Usage: tool login [--api-key KEY] [--timeout {digits:2}s]
manual: password: the password of the user (default: none, {digits:1} tries)
manual: max_tokens={digits:4} token_count: {digits:3} tokens/s: {digits:2}.{digits:1}
manual: error: token expired {digits:2} minutes ago
manual: key: value{digits:1}, primary key (id), foreign key (user_id)
manual: ssh-keygen -t ed25519 -f id_{digits:1} -N ""
placeholder: export TOKEN=$(cat /run/secrets/token{digits:1})
placeholder: api_key="$API_KEY_{digits:1}"
placeholder: password = os.environ["DB_PASSWORD_{digits:1}"]
placeholder: token: ${{ secrets.TOKEN_{digits:1} }}
placeholder: Password{digits:1}: ********
placeholder: api_key: <your key {digits:1}>
placeholder: postgres://user:$PASSWORD@db{digits:1}:5432/shop
placeholder: secret: YOUR_SECRET_{digits:1}
code: const password{digits:1} = process.env.DB_PASSWORD;
code: def token_{digits:2}(self, key: str, password: str) -> bool:
code: if (key == NULL || token->type != TOKEN_{digits:2}) return -{digits:1};
code: @app.route("/a/{digits:2}")  # see user@2x.png
code: for key, value in items[{digits:1}:{digits:2}]: secrets[key] = value
code: {letters:24}.{letters:18}({digits:1})
code: CC drivers/net/ethernet/e1000/e1000_main{digits:1}.o
nobody: git clone git@code.service.io:owner/repository{digits:1}.git
nobody: Author: Your Name <you@example.com> {digits:1}
nobody: From: No Reply <noreply@github.com> {digits:1}
nobody: Co-authored-by: {digits:8}+somebody@users.noreply.github.com
nobody: root@localhost:~# ls -{digits:1} /home/user /root
nobody: user@host:~$ ls /home/user /Users/runner {digits:1}
nobody: curl http://localhost:{digits:4}/home/index.html
nobody: docker pull library/alpine@sha256:{hex:64}
nobody: actions/checkout@v{digits:1} owner/action@main.yml
nobody: getty@tty{digits:1}.service loaded active running
nobody: Name: requests Version: 2.{digits:2}.0
nobody: Name: Visual Studio Code {digits:1}
nobody: Author: The Kernel Team {digits:1}
nobody: Free Software Foundation, Inc., 51 Franklin Street, Fifth Floor, Boston, MA 02110-{digits:4}
nobody: 12 Angry Files moved in {digits:1} Way
nobody: from {digits:3} to {digits:4} in steps of 8
process: root       {digits:4}  0.0  0.1 {digits:6} {digits:5} ?  Ss  May01  0:0{digits:1} /usr/sbin/sshd -D
process: drwxr-xr-x 2 root root {digits:4} May  1 12:00 bin
process: /dev/sda1  {digits:8} {digits:8} {digits:7} 71% /
process: 100%|##########| {digits:9}/{digits:9} [00:13<00:00, {digits:6}.67it/s]
process: tcp 0 0 0.0.0.0:{digits:4} 0.0.0.0:* LISTEN {digits:5}/nginx
test: test_keys.py::test_a_token_is_told[{digits:2}-{letters:8}] PASSED
test: assert {digits:7} == {digits:7}
"""
LINES = [line.partition(": ")[::2] for line in _LINES.strip().splitlines()]


def harmless(draw: Draw, each: int) -> Iterator[Harmless]:
    """Every line, ``each`` times."""
    for form, pattern in LINES:
        for _ in range(each):
            yield Harmless(form, draw.text(pattern))
