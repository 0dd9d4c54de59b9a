"""Secrets that give themselves away: tokens with a prefix, keys, cards and mail addresses, wherever they stand.

The shapes are those that their issuers document. Every repetition is possessive or bounded, so that matching takes time
linear in the text.
"""

import re

from tracekit.casts.scrub.plausible import is_card_number, is_somebody
from tracekit.casts.scrub.rules import Rule

# Rule, what it needs, expression; \w is [A-Za-z0-9_].
_TABLE = r"""
github-token   ghp_|gho_|ghu_|ghs_|ghr_ gh[pousr]_[A-Za-z0-9]{30,255}+
github-token   github_pat_             github_pat_\w{22,255}+
gitlab-token   glpat-|glrt-            gl(?:pat|rt)-[\w-]{20,255}+(?:\.\w{1,30}+){0,2}+
gitlab-token   gldt-|glft-|glsoat-|glcbt-|glptt- gl(?:dt|ft|soat|cbt|ptt)-[\w-]{20,255}+
slack-token    xox                     xox[abeoprs]-[A-Za-z0-9-]{10,255}+
slack-token    xapp-                   xapp-\d-[A-Za-z0-9-]{10,255}+
webhook        hooks.slack             hooks\.slack\.com/services/[\w/]{20,120}+
webhook        /api/webhooks/          discord(?:app)?\.com/api/webhooks/\d{6,20}+/[\w-]{30,120}+
aws-key-id     akia|asia|abia|acca|a3t (?:A3T[A-Z0-9]|ABIA|ACCA|AKIA|ASIA)[0-9A-Z]{16}(?![A-Za-z0-9])
google-key     aiza                    AIza[\w-]{35}
google-key     ya29.                   ya29\.[\w-]{20,400}+
google-key     gocspx-                 GOCSPX-[\w-]{20,40}+
google-key     1//0                    1//0[\w-]{40,200}+
cloud-key      ltai                    LTAI[A-Za-z0-9]{16,24}+
cloud-key      akid                    AKID[A-Za-z0-9]{32}(?![A-Za-z0-9])
cloud-key      aqvn                    AQVN[\w-]{35,38}+
cloud-key      hrku-                   HRKU-[\w-]{36,64}+
cloud-key      fo1_                    fo1_[\w-]{43}
cloud-key      fm2_                    fm2_[A-Za-z0-9+/=]{60,4000}+
cloud-key      nfp_|nfc_|nfo_          nf[pco]_[A-Za-z0-9]{36}
cloud-key      vercel_blob_rw_         vercel_blob_rw_\w{30,80}+
cloud-key      sbp_                    sbp_[a-f0-9]{40}
cloud-key      sb_secret_              sb_secret_[\w-]{22,60}+
cloud-key      pscale_                 pscale_(?:tkn|oauth|pw)_[\w.=-]{32,64}+
cloud-key      napi_                   napi_[a-z0-9]{40,80}+
cloud-key      rnd_                    rnd_[A-Za-z0-9]{28,40}+
cloud-key      pul-                    pul-[a-f0-9]{40}
cloud-key      .atlasv1.               [A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,80}+
model-key      sk-                     sk-(?=[A-Za-z_-]{0,60}\d)[\w-]{20,255}+
model-key      hf_                     hf_[A-Za-z]{30,60}+
model-key      gsk_|r8_                (?:gsk|r8)_[A-Za-z0-9]{30,80}+
model-key      nvapi-                  nvapi-[\w-]{40,90}+
model-key      pplx-|xai-|csk-         (?:pplx|xai|csk)-[A-Za-z0-9]{40,100}+
model-key      tvly-                   tvly-(?:[a-z]{3,5}-)?[A-Za-z0-9]{28,60}+
model-key      pcsk_                   pcsk_[A-Za-z0-9]{4,8}_[A-Za-z0-9]{50,80}+
model-key      lsv2_                   lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}
model-key      sk_                     sk_[a-f0-9]{48}
stripe-key     k_live_|k_test_         [rs]k_(?:live|test)_[0-9a-zA-Z]{20,255}+
stripe-key     whsec_                  whsec_[A-Za-z0-9+/]{24,80}+
payment-key    access_token$           access_token\$(?:production|sandbox)\$[a-z0-9]{16}\$[a-f0-9]{32}
payment-key    ezak|eztk               EZ[AT]K[A-Za-z0-9]{54}
package-token  npm_                    npm_[A-Za-z0-9]{36}
package-token  pypi-age                pypi-AgE[\w-]{50,400}+
package-token  dckr_pat_               dckr_pat_[\w-]{20,60}+
package-token  rubygems_               rubygems_[0-9a-f]{48}
package-token  cio                     cio[A-Za-z0-9]{32}(?![A-Za-z0-9])
package-token  oy2                     oy2[a-z0-9]{43}(?![a-z0-9])
package-token  clojars_                CLOJARS_[0-9a-z]{60}
package-token  akcp                    AKCp[A-Za-z0-9]{60,80}+
service-token  dop_v1_|doo_v1_         do[op]_v1_[a-f0-9]{64}
service-token  shpat_|shpss_|shpca_|shppa_ shp(?:at|ss|ca|pa)_[a-fA-F0-9]{32}
service-token  lin_api_                lin_api_[A-Za-z0-9]{40}
service-token  figd_                   figd_[\w-]{40}
service-token  hvs.|hvb.|hvr.          hv[sbr]\.[\w-]{24,300}+
service-token  glsa_                   glsa_\w{30,60}+
service-token  tskey-                  tskey-[a-z]{2,10}-[A-Za-z0-9-]{20,80}+
service-token  age-secret              AGE-SECRET-KEY-1[A-Z0-9]{58}
service-token  dapi                    dapi[a-f0-9]{32}
service-token  sntrys_|sntryu_         sntry[su]_[\w+/=-]{40,300}+
service-token  glc_eyj                 glc_eyJ[A-Za-z0-9+/=]{40,600}+
service-token  dt0                     dt0[a-z]\d\d\.[A-Z0-9]{24}\.[A-Z0-9]{64}
service-token  hcaik_                  hcaik_[a-z0-9]{50,64}+
service-token  phx_                    phx_[A-Za-z0-9]{40,60}+
service-token  ntn_                    ntn_[A-Za-z0-9]{40,60}+
service-token  cfpat-                  CFPAT-[\w-]{43}
service-token  mlsn.                   mlsn\.[a-f0-9]{64}
service-token  xkeysib-                xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}
service-token  bkua_                   bkua_[a-f0-9]{40}
service-token  ccipat_|cciprj_         CCI(?:PAT|PRJ)_[A-Za-z0-9]{22}_[a-f0-9]{40}
service-token  pnu_|pnb_               pn[ub]_[A-Za-z0-9]{36}
service-token  squ_|sqp_|sqa_          sq[upa]_[a-f0-9]{40}
service-token  dp.                     dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}
service-token  ops_eyj                 ops_eyJ[A-Za-z0-9+/=]{100,4000}+
service-token  aio_                    aio_[A-Za-z0-9]{28}(?![A-Za-z0-9])
service-token  rdme_                   rdme_[a-z0-9]{70}
service-token  atbb                    ATBB[A-Za-z0-9]{28,60}+
service-token  pmak-                   PMAK-[a-f0-9-]{50,70}+
service-token  nrak-                   NRAK-[A-Z0-9]{27}
service-token  sg.                     SG\.[\w-]{20,24}\.[\w-]{40,45}
service-token  sq0                     sq0[a-z]{3}-[\w-]{22,50}+
service-token  atatt3                  ATATT3[\w=-]{50,300}+
service-token  eaa                     EAA[A-Z][\w-]{55,300}+
service-token  aaaaaaaaaaaaaaaaaaaaa   A{21}[A-Za-z0-9%]{80,110}+(?![\w+/=%])
service-token  key-                    key-[0-9a-f]{32}(?![0-9a-f])
json-web-token eyj                     eyJ[\w-]{8,4000}+\.[\w-]{8,4000}+(?:\.[\w-]{0,4000}+)?
bot-token      :aa                     \d{8,10}:AA[\w-]{33}(?![\w-])
recorder-id    asciinema.org/connect   asciinema\.org/connect/(?P<value>[0-9a-f-]{20,40}+)
ssh-key        aaaab|aaaac|aaaae       AAAA[BCE][A-Za-z0-9+/]{40,2000}+={0,2}
"""
_VAGUE_TABLE = r"""
cloud-key      q~                      [\w~.-]{3}\dQ~[\w~.-]{31,37}+
discord-token  .                       [MNO][\w-]{23,25}+\.[\w-]{6}\.[\w-]{27,38}+
service-token  pat                     pat[A-Za-z0-9]{14}\.[a-f0-9]{64}
service-token  re_                     re_[A-Za-z0-9]{8}_[A-Za-z0-9]{20,40}+
service-token  sl.                     sl\.[\w-]{120,2000}+
"""
_PRIVATE_KEY = r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----(?P<value>[A-Za-z0-9+/=\\,: -]{8,8000}+)"
_MAIL = r"""(?x)
    (?<! [\w.%+@-] ) [\w.%+-]{1,64}+ @ (?! \dx\. | tty[S\d] ) (?: [A-Za-z0-9-]{1,63} \. ){1,5}
    (?! (?: git|service|local|target|socket|timer|js|json|ts|py|rs|sh|png|jpg|svg|lock|ya?ml|toml|md|txt )
        (?! [A-Za-z0-9] ) )
    [A-Za-z]{2,24} (?! [A-Za-z0-9@/-] )
"""
"""An address, and not ``name@2x.png``, ``getty@tty1.service`` or ``owner/action@main.yml``."""
_CARD = r"""(?x)
    [3-6] (?<! [\w.+/#:-] . )
    (?: \d{3} ([ -]) \d{4} \1 \d{4} \1 \d{4} | (?<= 4 ) \d{15} | (?<= 5 ) [1-5]\d{14}
      | (?<= 3 ) [47] (?: \d{13} | \d{2} ([ -]) \d{6} \2 \d{5} ) )
    (?! [\w.-] )
"""
"""16 digits as they are printed on cards, in groups or as those issuers give them; American Express has 15."""


def _token(line: str) -> Rule:
    """A rule of the table. A letter or digit before the prefix means that it is something else."""
    name, needs, pattern = line.split()
    return Rule(name, tuple(needs.split("|")), re.compile(rf"(?<![A-Za-z0-9])(?:{pattern})", re.ASCII))


TOKENS: tuple[Rule, ...] = (
    *map(_token, _TABLE.strip().splitlines()),
    Rule("private-key", ("private key",), re.compile(_PRIVATE_KEY)),
)
"""Each has 15 characters or more without a blank."""
MAIL = Rule("mail", ("@",), re.compile(_MAIL, re.ASCII), is_somebody)
CARD = Rule("card-number", tuple("3456"), re.compile(_CARD, re.ASCII), is_card_number)
VAGUE: tuple[Rule, ...] = (CARD, *map(_token, _VAGUE_TABLE.strip().splitlines()))
"""As many characters, but nothing that few other lines have."""
