"""The rules of detect-secrets, run as our own: its expressions and checks, without its way of reading files.

Its detectors look at each line, one after the other; here a quick look tells whether a detector can match at all. Left
out are its entropy detectors as such (on a terminal, hashes are everywhere; see ``plausible.is_random`` for where
entropy counts) and its detectors of public addresses and Discord's tokens, which ours replace.
"""

import re
from functools import cache
from importlib import import_module

from tracekit.casts.scrub.plausible import is_password, is_random
from tracekit.casts.scrub.rules import Rule

_REACH = 1024
_KEYWORDS = "key|pass|pwd|secret|contrase"
_DETECTORS: tuple[tuple[str, str, str, int | None], ...] = (
    # Module, class, what it needs, and the group that is the secret; None: the first if there is one, else the whole.
    ("artifactory", "ArtifactoryDetector", "akc|ap", 0),
    ("aws", "AWSKeyDetector", "akia|asia|abia|acca|a3t|aws", None),
    ("azure_storage_key", "AzureStorageKeyDetector", "accountkey=", 0),
    ("basic_auth", "BasicAuthDetector", "://", 1),
    ("cloudant", "CloudantDetector", "clou|cl_|cl-|clapi|clkey|clp|cltoken", None),
    ("github_token", "GitHubTokenDetector", "ghp_|gho_|ghu_|ghs_|ghr_", 0),
    (
        "gitlab_token",
        "GitLabTokenDetector",
        "glpat-|gld|glft-|gls|glrt-|gr1348941|glcbt-|glimt-|glptt-|glagent-|gloas-",
        0,
    ),
    ("ibm_cloud_iam", "IbmCloudIamDetector", "key|pwd|pass|token", 1),
    ("ibm_cos_hmac", "IbmCosHmacDetector", "secret", 1),
    ("mailchimp", "MailchimpDetector", "-us", 0),
    ("npm", "NpmDetector", "_authtoken", 1),
    ("openai", "OpenAIDetector", "t3blbkfj", 0),
    ("pypi_token", "PypiTokenDetector", "pypi-ag", 0),
    ("sendgrid", "SendGridDetector", "sg.", 0),
    ("slack", "SlackDetector", "xox|hooks.slack", 0),
    ("softlayer", "SoftlayerDetector", "softlayer|sl_|sl-|slapi|slkey|slp|sltoken", None),
    ("square_oauth", "SquareOAuthDetector", "sq0csp-", 0),
    ("stripe", "StripeDetector", "k_live_", 0),
    ("telegram_token", "TelegramBotTokenDetector", ":aa", 0),
    ("twilio", "TwilioKeyDetector", "ac|sk", 0),
)
_CHECKS = {"artifactory": is_random, "twilio": is_random, "mailchimp": is_random, "basic_auth": is_password}


@cache
def rules() -> tuple[Rule, ...]:
    """The detectors as rules; loaded when they are first needed, as detect-secrets takes a while to import."""
    found = []
    for module, name, needs, group in _DETECTORS:
        detector = getattr(import_module(f"detect_secrets.plugins.{module}"), name)
        label = module.removesuffix("_token").replace("_", "-")
        for pattern in detector.denylist:
            where = group if group is not None else min(pattern.groups, 1)
            found.append(
                Rule(label, tuple(needs.split("|")), pattern, _CHECKS.get(module, bool), group=where, reach=_REACH)
            )
    keyword = import_module("detect_secrets.plugins.keyword")
    for pattern, where in keyword.QUOTES_REQUIRED_DENYLIST_REGEX_TO_GROUP.items():
        # What follows a name never begins with a character of it: giving some back, as the library does, is in vain.
        linear = re.compile(pattern.pattern.replace(r")\w*", r")\w*+"), pattern.flags)
        found.append(Rule("assigned", tuple(_KEYWORDS.split("|")), linear, is_random, group=where, reach=_REACH // 8))
    return tuple(found)
