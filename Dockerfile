# cgibox: runs a legacy CGI site, unmodified. Build: docker build -t cgibox .
# Layers go from what changes least to what changes most: interpreters, your packages, node_modules, cgibox itself.
ARG BASE_IMAGE=node:24-trixie-slim

# npm and its cache stay in this stage; the image gets the folder only.
FROM ${BASE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The optional dependencies are a Node binary for machines with an older one: the base has the right one.
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM ${BASE_IMAGE}

# What scripts of 1995 to 2015 ask for. The second block is Python's removed standard modules, as Debian packages them;
# the third the Perl modules that CGI programs of that time name most.
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      tini ca-certificates bash tcsh perl python3 \
      python3-legacy-cgi python3-legacycrypt python3-crypt-r python3-audioop-lts python3-pyasyncore \
      python3-standard-aifc python3-standard-asynchat python3-standard-chunk python3-standard-imghdr \
      python3-standard-mailcap python3-standard-nntplib python3-standard-pipes python3-standard-smtpd \
      python3-standard-sndhdr python3-standard-sunau python3-standard-uu python3-standard-xdrlib \
      python3-zombie-imp python3-zombie-telnetlib \
      libcgi-pm-perl libcgi-fast-perl libcgi-session-perl libhtml-template-perl \
      libdbi-perl libdbd-sqlite3-perl libwww-perl liblwp-protocol-https-perl \
      libmime-lite-perl libmail-sendmail-perl libtimedate-perl libjson-perl libtext-csv-perl \
      libcrypt-passwdmd5-perl libarchive-zip-perl libswitch-perl libjcode-pm-perl libperl4-corelibs-perl \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log

# Your own packages: docker build --build-arg EXTRA_PACKAGES="git libxml-simple-perl" .
ARG EXTRA_PACKAGES=""
RUN if [ -n "${EXTRA_PACKAGES}" ]; then \
      apt-get update \
   && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${EXTRA_PACKAGES} \
   && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log; \
    fi

# The locale of LANG below as one file instead of twelve, which perl and bash load as they start: perl takes 0.15 ms less, a tenth of its start.
# After your packages: Debian's locales, if it is among them, writes that file anew.
RUN localedef --quiet --add-to-archive /usr/lib/locale/C.utf8

# A mounted repository belongs to whoever mounted it: git must not refuse it for that ("dubious ownership").
RUN printf '[safe]\n\tdirectory = *\n' > /etc/gitconfig

COPY --from=dependencies /app/node_modules /app/node_modules
COPY . /app/
# data: whoever the user is may sign the sample's guestbook.
RUN ln -s /app/server/main.ts /usr/local/bin/cgibox \
 && chmod 755 /app/server/main.ts \
 && mkdir --mode=1777 /app/data

# Where old scripts look for it. The path of node is written out: they set PATH to /bin:/usr/bin before they call it.
RUN printf '#!/bin/sh\nexec /usr/local/bin/node /app/server/main.ts sendmail "$@"\n' > /usr/sbin/sendmail \
 && chmod 755 /usr/sbin/sendmail \
 && ln -s ../sbin/sendmail /usr/lib/sendmail

ENV NODE_COMPILE_CACHE=/app/node_modules/.cache/cgibox
# Node keeps compiled code per user id: root, which compose starts with, and 1000 begin sooner with it.
# Readable, because a root that has become somebody else goes on with the folder of root.
RUN cgibox serve --quiet & \
    timeout 60 sh -c 'until cgibox health --quiet 2>/dev/null; do sleep 0.2; done' \
 && printf 'Subject: a first mail\n\n' | sendmail somebody@example.org && kill "$!" && wait "$!" \
 && cd /app/node_modules/.cache/cgibox && chmod -R a+rX . && cp -rl ./*-0 "$(echo ./*-0 | sed 's/0$/1000/')"

# HOME: any --user can write there. PERL_UNICODE stays unset: old scripts write bytes.
ENV NODE_ENV=production \
    LANG=C.UTF-8 \
    HOME=/tmp \
    CGIBOX_IMAGE=1 \
    CGIBOX_SITE=/site \
    CGIBOX_HOST=0.0.0.0 \
    CGIBOX_INSPECTOR_HOST=0.0.0.0 \
    CGIBOX_MAIL_SMTP_PORTS='[1025, 25]'

EXPOSE 8000 8001
USER 1000:1000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --start-interval=1s CMD ["cgibox", "health"]
# -s: tini reaps also where it is not PID 1 (docker run --init, compose's init, an engine's pause process).
ENTRYPOINT ["tini", "-s", "--", "cgibox"]
CMD ["serve"]

ARG VERSION=0.1.0
ARG REVISION=""
ARG CREATED=""
LABEL org.opencontainers.image.title="cgibox" \
      org.opencontainers.image.description="Runs an old CGI site, unmodified, and shows what breaks and how to mend it" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
