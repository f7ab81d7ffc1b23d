# RetailXAI in a container. docs/docker.md says how it is run; compose.yaml runs it with PostgreSQL.
#
# Both stages stand on one image. A digest is stronger than a tag:
#   python -m deploy generate docker --base python:3.11.14-slim-bookworm@sha256:... --output Dockerfile
ARG BASE=python:3.11.14-slim-bookworm

# ---- what is needed to install: pip, and nothing of it goes any further
FROM ${BASE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_COMPILE=1
WORKDIR /opt/retailxai
RUN python -m venv --without-pip .venv
COPY requirements.txt ./
# Wheels alone: whatever would have to be built here is refused. Every file by its hash.
RUN python -m pip --python .venv/bin/python install --require-hashes --only-binary :all: \
    --requirement requirements.txt
COPY . .
# Compiled once, for a root that cannot be written; the sources cannot change under it, so they
# are not looked at again.
RUN .venv/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash .

# ---- what runs
FROM ${BASE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="RetailXAI" \
      org.opencontainers.image.description="Reads what retailers publish about their earnings and cites every figure" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# Nobody installs anything here. The user has a name for initdb of the embedded PostgreSQL alone;
# named volumes take owner and mode of their folders from these.
RUN python -m pip uninstall --yes --quiet --root-user-action=ignore pip setuptools wheel \
    && groupadd --gid 10001 retailxai \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/retailxai \
       --shell /usr/sbin/nologin retailxai \
    && install -d -o 10001 -g 10001 -m 0750 /var/lib/retailxai /var/lib/retailxai/inbox \
       /var/lib/retailxai/reports /var/log/retailxai
COPY --from=build /opt/retailxai /opt/retailxai
ENV PATH=/opt/retailxai/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 LANG=C.UTF-8 \
    HOME=/var/lib/retailxai \
    APP_ENV=production \
    RETAILXAI_DATA_DIR=/var/lib/retailxai \
    RETAILXAI_LOG_DIR=/var/log/retailxai \
    RETAILXAI_REPORTS_DIR=/var/lib/retailxai/reports \
    RETAILXAI_WEB_IN_CONTAINER=true \
    CREDENTIALS_DIRECTORY=/run/secrets
WORKDIR /opt/retailxai
USER 10001:10001
EXPOSE 8717
# It ends within 30 s of it, what is under way finished or checkpointed.
STOPSIGNAL SIGTERM
# The daemon's own word on itself: every check of `GET /health`, the database's among them.
HEALTHCHECK --interval=10s --timeout=8s --start-period=5m --retries=3 \
    CMD ["python", "-I", "-S", "deploy/docker/probe.py", "8717"]
ENTRYPOINT ["python", "main.py"]
