# What desktops run: XFCE on a virtual X server, programs to use, and an agent that answers the recorder's questions.
# `make images` builds it, on the public base or on one that mmdebstrap made. Ubuntu's packages have the same names;
# its browsers are none (they are installers of snaps), so there BROWSER stays `none`.
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS enter
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends gcc libc6-dev make >/dev/null
COPY enter.c /src/
RUN gcc -std=c11 -Wall -Wextra -Werror -O2 -static -o /src/enter /src/enter.c

FROM ${BASE}
# Nothing here draws with OpenGL: its drivers and the compiler that they bring, the largest files by far, stay out.
COPY desktop/dpkg.cfg /etc/dpkg/dpkg.cfg.d/tracekit
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        xvfb x11-xkb-utils x11-xserver-utils xkb-data dbus-x11 procps tini \
        xfce4-session xfwm4 xfce4-panel xfdesktop4 xfce4-settings xfconf xfce4-appfinder libxfce4ui-utils \
        at-spi2-core gir1.2-atspi-2.0 gir1.2-gdkpixbuf-2.0 python3 python3-gi \
        arc-theme elementary-xfce-icon-theme adwaita-icon-theme dmz-cursor-theme librsvg2-common \
        fonts-dejavu-core fonts-liberation2 shared-mime-info tumbler \
        xfce4-terminal mousepad thunar ristretto galculator mate-calc xarchiver zip unzip gucharmap geany \
        xfce4-taskmanager xfce4-dict xfce4-screenshooter gtkhash gpick \
        gnome-mines gnome-mahjongg lightsoff \
        >/dev/null \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/debconf/*-old /var/log/* \
 && useradd --create-home --uid 1000 --shell /bin/bash user \
 && find /home/user -mindepth 1 -delete
# The live view: a server of the screen, and a viewer for browsers (without its demand for a JavaScript engine).
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends x11vnc websockify socat >/dev/null \
 && cd /tmp && apt-get download -qq novnc && dpkg-deb -x novnc_*.deb / && rm novnc_*.deb \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/debconf/*-old /var/log/*
ARG BROWSER=none
RUN [ ${BROWSER} = none ] || { apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ${BROWSER} >/dev/null \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/debconf/*-old /var/log/*; }

# Nothing on the desktop ends it, as that would end the recording; no menu names what is not here.
RUN rm -f /usr/bin/xfce4-session-logout /usr/bin/xflock4 \
 && sed -i '/session-logout\|xflock4\|xkill\|MailReader/d' \
        /etc/xdg/xfce4/xfconf/xfce-perchannel-xml/xfce4-keyboard-shortcuts.xml \
 && cd /usr/share/applications \
 && rm -f xfce4-session-logout.desktop xfce4-mail-reader.desktop xfce4-web-browser.desktop x11vnc.desktop python3*.desktop
COPY --from=enter /src/enter /opt/tracekit/
COPY desktop/wallpaper.svg desktop/home/make_home.py /tmp/
RUN python3 /tmp/make_home.py /opt/tracekit/home.tar /tmp/wallpaper.svg /usr/share/backgrounds/evening.png \
 && rm /tmp/wallpaper.svg /tmp/make_home.py
COPY desktop/browser/firefox.json /etc/firefox/policies/policies.json
COPY desktop/browser/chromium.sh /etc/chromium.d/tracekit
COPY desktop/settings /etc/xdg/xfce4/xfconf/xfce-perchannel-xml
# The panel's last launcher is the browser's.
RUN cd /etc/xdg/xfce4/xfconf/xfce-perchannel-xml && sed -i "s/BROWSER/${BROWSER}/" xfce4-panel.xml \
 && { [ ${BROWSER} != none ] || sed -i '/<value type="int" value="8"\/>/d' xfce4-panel.xml; }
COPY desktop/*.py /opt/tracekit/desktop/
RUN python3 -m compileall -q /opt/tracekit/desktop
