"""Secrets in the forms in which their issuers give them, and the lines of text that show them."""

import base64
import json
from collections.abc import Iterator
from typing import NamedTuple

from labelled.drawing import Draw, Value


class Shown(NamedTuple):
    """Something that must be found, and the text that shows it."""

    kind: str
    form: str
    drawn: tuple[str, ...]
    """What must be seen nowhere."""
    text: str
    """Lines end in newlines, but for the last."""
    needs_line: bool = False
    """Whether it can be told only at the start of a line, as a prompt."""


_TOKENS = """
github ghp_{alnum:36}
github-app ghs_{alnum:36}
github-oauth gho_{alnum:36}
github-fine github_pat_{alnum:22}_{alnum:59}
gitlab glpat-{word:20}
gitlab-routable glpat-{word:27}.01.{lower:9}
gitlab-runner glrt-{word:20}
gitlab-trigger glptt-{hex:40}
bitbucket ATBB{alnum:28}{upper:8}
atlassian ATATT3xFfGF0{word:170}={upper:8}
slack-bot xoxb-{digits:12}-{digits:12}-{alnum:24}
slack-user xoxp-{digits:12}-{digits:12}-{digits:12}-{hex:32}
slack-app xapp-1-{upper:11}-{digits:13}-{hex:64}
slack-hook https://hooks.slack.com/services/T{upper:10}/B{upper:10}/{alnum:24}
discord-bot M{alnum:25}.{alnum:6}.{word:38}
discord-hook https://discord.com/api/webhooks/{digits:18}/{word:68}
telegram {digits:10}:AA{word:33}
aws-id AKIA{upper:16}
aws-session-id ASIA{upper:16}
google AIza{word:35}
google-oauth ya29.a0{word:140}
google-secret GOCSPX-{word:28}
google-refresh 1//0{word:60}
azure-secret {alnum:3}8Q~{word:34}
openai-project sk-proj-{word:74}T3BlbkFJ{word:74}
openai-old sk-{alnum:20}T3BlbkFJ{alnum:20}
anthropic sk-ant-api03-{word:93}AA
openrouter sk-or-v1-{hex:64}
hugging-face hf_{letters:34}
replicate r8_{alnum:37}
groq gsk_{alnum:52}
nvidia nvapi-{word:64}
perplexity pplx-{alnum:48}
xai xai-{alnum:80}
cerebras csk-{lower:48}
tavily tvly-dev-{alnum:32}
pinecone pcsk_{alnum:6}_{alnum:63}
langsmith lsv2_pt_{hex:32}_{hex:10}
elevenlabs sk_{hex:48}
stripe-live sk_live_{alnum:99}
stripe-restricted rk_live_{alnum:24}
stripe-hook whsec_{base64:32}
square sq0atp-{word:22}
square-access EAAAE{word:59}
shopify shpat_{hex:32}
shopify-custom shpca_{hex:32}
paypal access_token$production${lower:16}${hex:32}
npm npm_{alnum:36}
pypi pypi-AgEIcHlwaS5vcmc{word:140}
docker dckr_pat_{word:27}
rubygems rubygems_{hex:48}
crates cio{alnum:32}
nuget oy2{lower:43}
clojars CLOJARS_{hex:60}
digitalocean dop_v1_{hex:64}
heroku HRKU-AA{word:58}
fly fo1_{word:43}
fly-macaroon fm2_{base64:120}
netlify nfp_{alnum:36}
vercel-blob vercel_blob_rw_{alnum:16}_{alnum:30}
supabase sbp_{hex:40}
supabase-secret sb_secret_{word:22}_{alnum:8}
planetscale pscale_tkn_{word:43}
neon napi_{lower:64}
render rnd_{alnum:28}
pulumi pul-{hex:40}
terraform {alnum:14}.atlasv1.{word:67}
vault hvs.{word:90}
vault-batch hvb.{word:140}
doppler dp.pt.{alnum:43}
1password ops_eyJ{base64:200}
tailscale tskey-auth-{alnum:12}CNTRL-{alnum:32}
databricks dapi{hex:32}
sonar squ_{hex:40}
sentry sntrys_eyJ{base64:100}_{base64:43}
grafana glsa_{alnum:32}_{hex:8}
grafana-cloud glc_eyJ{base64:80}
newrelic NRAK-{upper:27}
dynatrace dt0c01.{upper:24}.{upper:64}
honeycomb hcaik_01{lower:56}
posthog phx_{alnum:43}
linear lin_api_{alnum:40}
notion ntn_{digits:11}{alnum:35}
airtable pat{alnum:14}.{hex:64}
figma figd_{word:40}
postman PMAK-{hex:24}-{hex:34}
contentful CFPAT-{word:43}
mapbox sk.eyJ{alnum:80}.{alnum:22}
sendgrid SG.{word:22}.{word:43}
mailgun key-{hex:32}
mailchimp {hex:32}-us12
mailersend mlsn.{hex:64}
resend re_{alnum:8}_{alnum:24}
brevo xkeysib-{hex:64}-{alnum:16}
twilio SK{hex:32}
facebook EAAC{alnum:150}
twitter AAAAAAAAAAAAAAAAAAAAA{alnum:80}
dropbox sl.B{word:135}
buildkite bkua_{hex:40}
circleci CCIPAT_{alnum:22}_{hex:40}
jfrog AKCp{alnum:69}
prefect pnu_{alnum:36}
alibaba LTAI{alnum:20}
tencent AKID{alnum:32}
yandex AQVN{word:36}
age AGE-SECRET-KEY-1{bech:58}
adafruit aio_{alnum:28}
easypost EZAK{alnum:54}
readme rdme_{lower:70}
asciinema https://asciinema.org/connect/{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}
"""
TOKENS = dict(line.split(" ", 1) for line in _TOKENS.strip().splitlines())
"""Tokens that give themselves away, by issuer and sort."""

_BARE = [
    "{}", "{}\n", "using {} from now on", "| ci     | {} | active |", '  "id": "{}",', "- {}", "({})", "'{}'", "[{}]",
    "saved {}.", "2026-03-01T10:00:00Z INFO auth: {} accepted", "<td>{}</td>", "> {}", "ID\t{}\t2 days ago",
    "echo {} | tool login --stdin", "curl -H 'Authorization: Bearer {}' https://api.service.io/v1/me",
    "$ export ACCESS={}", "x={};", "git remote add origin https://oauth2:{}@code.service.io/a/b.git", "k: {}",
]  # fmt: skip
"""Lines that say nothing of what they show."""

_KEYS = {
    "aws-secret": "{base64:40}",
    "datadog": "{hex:32}",
    "cloudflare": "{word:40}",
    "heroku-old": "{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}",
    "wandb": "{hex:40}",
    "django": "{symbols:50}",
    "hex64": "{hex:64}",
    "base64": "{base64:43}=",
    "short": "{alnum:16}",
    "algolia": "{hex:32}",
    "azure-storage": "{base64:86}==",
}
_NAMED = {
    "aws-secret": ["aws_secret_access_key = {}", "AWS_SECRET_ACCESS_KEY={}", '"SecretAccessKey": "{}",',
                   "AWS Secret Access Key [None]: {}", "export AWS_SECRET_ACCESS_KEY='{}'"],
    "azure-storage": ["DefaultEndpointsProtocol=https;AccountName=a;AccountKey={};EndpointSuffix=core.windows.net",
                      '"accountKey": "{}"'],
}  # fmt: skip
_ASSIGNED = [
    "export API_KEY={}", "API_KEY={}", 'api_key = "{}"', "api_key: {}", '"apiKey": "{}",', "'api_key': '{}',",
    "SECRET_KEY = '{}'", "secret_key: {}", "tool --api-key {} run", "tool --api-key={} run", "auth_token={}",
    '"auth_token": "{}"', "X-Api-Key: {}", "curl -H 'X-API-Key: {}' https://api.service.io/", "clientSecret: {}",
    "set API_TOKEN={}", '$env:API_TOKEN = "{}"', "docker run -e API_TOKEN={} image", "ENV API_TOKEN={}",
    "https://api.service.io/v1?api_key={}", "https://api.service.io/v1?access_token={}&page=2", "private_key = {}",
    "<apiKey>{}</apiKey>", "config.api_key = '{}'", 'const apiKey = "{}";', "API key: {}", "Your secret key is: {}",
    'log: {\\"token\\": \\"{}\\", \\"ok\\": true}', "access-key {}", "//registry.service.io/:_authToken={}",
]  # fmt: skip

_PASSWORDS = ["{symbols:12}", "{symbols:20}", "{alnum:10}", "{alnum:16}", "Spring{digits:4}{letters:4}!"]
_PASSWORD_LINES = [
    "export DB_PASSWORD={}", "DB_PASSWORD='{}'", 'password = "{}"', "password: {}", '"password": "{}",', "passwd={}",
    "mysql -u root -p{} shop", "mysqldump --password={} shop", "sshpass -p {} ssh root@gateway", "PGPASSWORD={} psql",
    "curl -u admin:{} http://gateway/", "docker login -u ci -p {} registry.service.io", "redis-cli -a {} ping",
    "postgres://app:{}@db:5432/shop", "mongodb+srv://app:{}@cluster.service.io/shop", "redis://:{}@cache:6379/0",
    "git clone https://me:{}@code.service.io/a/b.git", "tool --password {} run", "tool --password={} run",
    "machine code.service.io login me password {}", "SMTP_PASS={}", "  db_password: '{}'", "pwd={}",
    "<password>{}</password>", 'log: {\\"password\\": \\"{}\\"}', "ansible_ssh_pass={}", "unzip -P {} a.zip",
    "Set-Cookie: session={}; Path=/", "Authorization: Basic {}", "net use Z: \\\\nas\\a /user:me {}",
]  # fmt: skip


def tokens(draw: Draw, each: int) -> Iterator[Shown]:
    """Every token, ``each`` times."""
    for form, pattern in TOKENS.items():
        for _ in range(each):
            yield _shown("token", form, draw.value(pattern), draw.choice(_BARE))
    for _ in range(3 * each):
        yield _shown("token", "web-token", _web_token(draw), draw.choice(_BARE))


def keys(draw: Draw, each: int) -> Iterator[Shown]:
    """Keys of one line that only their name tells, and keys of many lines."""
    for line in _ASSIGNED:
        for _ in range(each):
            form = draw.choice([form for form in _KEYS if form not in _NAMED])
            yield _shown("key", form, draw.value(_KEYS[form]), line)
    for form, lines in _NAMED.items():
        for line in lines:
            for _ in range(each):
                yield _shown("key", form, draw.value(_KEYS[form]), line)
    for _ in range(3 * each):
        yield _public_key(draw)
        yield _private_key(draw)
        yield _key_in_json(draw)


def passwords(draw: Draw, each: int) -> Iterator[Shown]:
    """Passwords in every place where they are given."""
    for line in _PASSWORD_LINES:
        for _ in range(each):
            value = draw.value(draw.choice(_PASSWORDS))
            if "Basic" in line:
                text = base64.b64encode(f"me:{value.text}".encode()).decode()
                value = Value(text, (text,))
            elif "Cookie" in line:
                value = draw.value("{alnum:26}")
            elif "://" in line:
                value = draw.value("{alnum:14}")
            yield _shown("password", line.split("{")[0].strip()[-24:], value, line)


def _shown(kind: str, form: str, value: Value, line: str) -> Shown:
    return Shown(kind, form, value.drawn, line.replace("{}", value.text))


def _web_token(draw: Draw) -> Value:
    claims = {"sub": draw.text("{alnum:12}"), "iat": draw.randrange(1_600_000_000, 1_900_000_000)}
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
             for part in ({"alg": "HS256", "typ": "JWT"}, claims)]  # fmt: skip
    signature = draw.text("{word:43}")
    return Value(".".join([*parts, signature]), (parts[1], signature))


def _body(draw: Draw, lines: int, width: int) -> list[str]:
    return [draw.text(f"{{base64:{width}}}") for _ in range(lines)]


def _private_key(draw: Draw) -> Shown:
    name = draw.choice(
        ["RSA PRIVATE KEY", "OPENSSH PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY", "PGP PRIVATE KEY BLOCK"]
    )
    body = _body(draw, draw.randint(3, 14), 64)
    return Shown(
        "key", name.lower(), tuple(body), "\n".join([f"-----BEGIN {name}-----", *body, f"-----END {name}-----"])
    )


def _key_in_json(draw: Draw) -> Shown:
    body = _body(draw, 4, 64)
    escaped = "\\n".join(["-----BEGIN PRIVATE KEY-----", *body, "-----END PRIVATE KEY-----", ""])
    return Shown("key", "private key in json", tuple(body), f'  "private_key": "{escaped}",')


def _public_key(draw: Draw) -> Shown:
    value = draw.value(
        draw.choice(["AAAAB3NzaC1yc2EAAAADAQABAAAB{base64:200}", "AAAAC3NzaC1lZDI1NTE5AAAAI{base64:43}"])
    )
    return Shown("key", "ssh public key", value.drawn, f"ssh-rsa {value.text} somebody")
