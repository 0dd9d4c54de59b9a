# What tapes run in: a Debian with the tools that people use in a terminal, an agent that keeps the virtual clock, and
# a home folder with something in it. `make images` builds it, on the public base or on one that mmdebstrap made.
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS agent
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends gcc libc6-dev make >/dev/null
COPY agent /src
RUN make -s -C /src agent clock.so
COPY enter.c /src/
RUN gcc -std=c11 -Wall -Wextra -Werror -O2 -static -o /src/enter /src/enter.c

FROM ${BASE}
# Slim images leave manual pages out; of packages that are there already they come with a second installation.
# Python's compiled files are bound to their sources by hash: by time they would be stale once times are put right.
RUN rm -f /etc/dpkg/dpkg.cfg.d/docker \
 && apt-get update -qq \
 && export DEBIAN_FRONTEND=noninteractive \
 && apt-get install -y -qq --no-install-recommends \
        bash coreutils diffutils file findutils gawk grep gzip less patch procps psmisc sed tar time tree unzip xxd zip \
        bc bsdextrautils dc jq make ncal rsync sqlite3 \
        git nano ncdu tmux vim htop dialog \
        cowsay figlet toilet \
        man-db manpages \
        nodejs python3 python3-pip python3-venv >/dev/null \
 && apt-get install -y -qq --no-install-recommends --reinstall \
        bash bsdutils coreutils diffutils findutils grep gzip hostname mount sed tar util-linux >/dev/null \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/debconf/*-old /var/log/* \
 && python3 -m compileall -q -f --invalidation-mode unchecked-hash /usr/lib/python3* \
 && useradd --create-home --uid 1000 --shell /bin/bash user \
 && find /home/user -mindepth 1 -delete

COPY fixed /opt/tracekit/fixed
COPY gitconfig pip.conf /etc/
COPY packages /tmp/packages
RUN python3 /tmp/packages/make_wheels.py /opt/tracekit/packages && rm -r /tmp/packages
COPY home /tmp/home
RUN python3 /tmp/home/make_home.py /opt/tracekit/home.tar && rm -r /tmp/home
COPY bashrc /opt/tracekit/
COPY --from=agent /src/agent /src/clock.so /src/enter /opt/tracekit/
# Into every program, also into one that is started with an empty environment. It does nothing where no agent runs.
RUN echo /opt/tracekit/clock.so >/etc/ld.so.preload
