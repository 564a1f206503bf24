# One image for all services; the command selects: `web intake`, `worker routing`, `migrate notify`, `relay stats`.
# `--target front` builds the proxy of docker-compose.yml.

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/motcua
ENV PATH=/opt/motcua/bin:$PATH
WORKDIR /src
# The libraries come first: they change seldom, so this layer is usually cached.
COPY requirements.lock ./
RUN pip install --require-hashes --requirement requirements.lock
COPY pyproject.toml requirements.in README.md ./
COPY shared shared
COPY services services
# The installers are removed: nothing needs them at run time, and an attacker could use them.
RUN pip install --no-deps --no-build-isolation --no-index . && pip uninstall --yes setuptools pip


FROM python:3.11-slim-bookworm AS front
# nginx is not pinned, to get its security fixes: Debian stable changes nothing else.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends nginx-light \
    && rm -rf /var/lib/apt/lists/*
COPY deploy/compose/front/nginx.conf /etc/nginx/nginx.conf
COPY deploy/compose/front/away.html deploy/compose/front/away.json /srv/front/
COPY deploy/image/motcua-probe /usr/local/bin/
USER 10001:10001
EXPOSE 8080
# On SIGQUIT nginx finishes running requests; on SIGTERM it drops them.
STOPSIGNAL SIGQUIT
CMD ["nginx", "-e", "stderr", "-g", "daemon off;"]


FROM python:3.11-slim-bookworm AS motcua
LABEL org.opencontainers.image.title="motcua" \
      org.opencontainers.image.description="Một cửa: one-stop public administrative service centre"
RUN groupadd --gid 10001 motcua \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/motcua --shell /usr/sbin/nologin motcua \
    && install --directory --owner=10001 --group=10001 --mode=0750 /var/lib/motcua
COPY --from=build /opt/motcua /opt/motcua
COPY deploy/image/motcua-entrypoint deploy/image/motcua-probe deploy/image/motcua-wait-for-tables /usr/local/bin/
# pip compiled everything at installation, and the files are read-only at run time.
ENV PATH=/opt/motcua/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PYTHONFAULTHANDLER=1 \
    MALLOC_ARENA_MAX=2 \
    MOTCUA_MODE=production \
    MOTCUA_HOST=0.0.0.0 \
    MOTCUA_PORT=8000 \
    MOTCUA_DATA=/var/lib/motcua
WORKDIR /var/lib/motcua
USER 10001:10001
EXPOSE 8000 9000
ENTRYPOINT ["motcua-entrypoint"]
CMD ["--help"]
