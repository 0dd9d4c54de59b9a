"""Planted secrets: made when the tests run, so that the source holds none."""

import base64
import random
import string
from typing import NamedTuple

_random = random.Random(20260401)
_ALNUM = string.ascii_letters + string.digits


def _pick(alphabet: str, length: int) -> str:
    """A string with a letter and a digit in it, from an alphabet that has both."""
    while True:
        drawn = "".join(_random.choices(alphabet, k=length))
        if any(map(str.isdigit, drawn)) and any(map(str.isalpha, drawn)):
            return drawn


def _web_token() -> str:
    parts = ['{"alg":"HS256","typ":"JWT"}', '{"sub":"' + _pick(_ALNUM, 12) + '"}', _pick(_ALNUM, 30)]
    return ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts)


def _card() -> str:
    digits = [4, *_random.choices(range(10), k=14)]
    doubled = sum(sum(divmod(2 * digit, 10)) if place % 2 == 0 else digit for place, digit in enumerate(digits))
    return "".join(map(str, [*digits, -doubled % 10]))


class Canary(NamedTuple):
    """A secret, and a line that shows it."""

    name: str
    value: str
    line: str = "{}"

    @property
    def shown(self) -> str:
        return self.line.replace("{}", self.value)


_HEX = "0123456789abcdef"
SHAPES = [
    Canary("github", "ghp_" + _pick(_ALNUM, 36)),
    Canary("github-fine", "github" + "_pat_" + _pick(_ALNUM, 22) + "_" + _pick(_ALNUM, 59)),
    Canary("gitlab", "glpat-" + _pick(_ALNUM, 20)),
    Canary("slack", "xoxb-" + "123456789012-" + _pick(_ALNUM.lower(), 24)),
    Canary("aws-id", "AKIA" + _pick(string.ascii_uppercase + string.digits, 16)),
    Canary("google", "AIza" + _pick(_ALNUM, 35)),
    Canary("openai", "sk-" + _pick(_ALNUM, 20) + "T3Blbk" + "FJ" + _pick(_ALNUM, 20)),
    Canary("openai-project", "sk-proj-" + _pick(_ALNUM + "_-", 60)),
    Canary("anthropic", "sk-ant-api03-" + _pick(_ALNUM, 80)),
    Canary("hugging-face", "hf_" + "".join(_random.choices(string.ascii_letters, k=34))),
    Canary("stripe", "sk_live_" + _pick(_ALNUM, 24)),
    Canary("npm", "npm_" + _pick(_ALNUM, 36)),
    Canary("pypi", "pypi-AgEIcHlwaS5vcmc" + _pick(_ALNUM, 75)),
    Canary("sendgrid", "SG." + _pick(_ALNUM, 22) + "." + _pick(_ALNUM, 43)),
    Canary("digital-ocean", "dop_v1_" + _pick(_HEX, 64)),
    Canary("square", "sq0csp-" + _pick(_ALNUM, 43)),
    Canary("twilio", "SK" + _pick(_HEX, 32)),
    Canary("mailchimp", _pick(_HEX, 32) + "-us12"),
    Canary("telegram", "123456789:AA" + _pick(_ALNUM, 33)),
    Canary("discord", "M" + _pick(_ALNUM, 23) + "." + _pick(_ALNUM, 6) + "." + _pick(_ALNUM, 27)),
    Canary("web-token", _web_token()),
    Canary("mail", "jane.q.canary@corp-" + _pick(_ALNUM.lower(), 6) + ".io"),
    Canary("card", _card()),
    Canary("ssh-key", "AAAAB3NzaC1yc2E" + _pick(_ALNUM, 60), "ssh-rsa {}"),
]
"""Secrets that give themselves away."""

CONTEXTS = [
    Canary("environment", _pick(_ALNUM, 20), "export DEPLOY_TOKEN={}"),
    Canary("quoted", "correct horse 7 staple", 'password = "{}"'),
    Canary("yaml", "hunter2" + _pick(_ALNUM, 4), "db_password: {}"),
    Canary("json", _pick(_ALNUM, 24), '{"client_secret": "{}"}'),
    Canary("aws-secret", _pick(_ALNUM + "+/", 40), "aws_secret_access_key = {}"),
    Canary("aws-configure", _pick(_ALNUM, 40), "AWS Secret Access Key [None]: {}"),
    Canary("option", "s3cr3t-" + _pick(_ALNUM, 6), "deploy --password {} --now"),
    Canary("option-equals", _pick(_ALNUM, 16), "tool --api-key={}"),
    Canary("mysql", "Pa55" + _pick(_ALNUM, 6), "mysql -u root -p{} shop"),
    Canary("sshpass", "Pa55" + _pick(_ALNUM, 6), "sshpass -p {} ssh root@server"),
    Canary("curl", "Pa55" + _pick(_ALNUM, 6), "curl -u admin:{} http://server/"),
    Canary("url", "Pa55" + _pick(_ALNUM, 6), "git clone https://me:{}@server/repository"),
    Canary("bearer", _pick(_ALNUM, 32), "curl -H 'Authorization: Bearer {}' http://server/"),
    Canary("basic", base64.b64encode(b"me:" + _pick(_ALNUM, 9).encode()).decode(), "Authorization: Basic {}"),
    Canary("cookie", _pick(_ALNUM, 26), "Set-Cookie: session={}; Path=/"),
    Canary("azure", _pick(_ALNUM, 86) + "==", "DefaultEndpointsProtocol=https;AccountKey={}"),
    Canary("npmrc", "12345678-90ab-cdef-1234-" + _pick(_HEX, 12), "//registry/:_authToken={}"),
    Canary("key-line", _pick(_ALNUM, 64), "-----BEGIN PRIVATE KEY-----{}-----END PRIVATE KEY-----"),
]
"""Secrets that what stands around them gives away."""

ALL = SHAPES + CONTEXTS
