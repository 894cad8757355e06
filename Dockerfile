# What runs in production, exactly what requirements.lock says.
FROM python:3.13-slim AS environment
COPY requirements.lock ./
RUN python -m venv /environment \
 && /environment/bin/pip install --no-cache-dir --require-hashes -r requirements.lock

# Catalogues and static files (what package-lock.json says; no script of any package runs) are made
# with the development environment, which stays behind here.
FROM python:3.13-slim AS build
COPY requirements-dev.lock ./
RUN python -m venv /development \
 && /development/bin/pip install --no-cache-dir --require-hashes -r requirements-dev.lock
WORKDIR /app
COPY . .
RUN /development/bin/python -m tools.static \
 && /development/bin/python -m tools.catalogues compile \
 && /development/bin/python -m tools.offline manage.py collectstatic --noinput \
 && rm -rf node_modules

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin weerthuis \
 && install -d -o weerthuis -g weerthuis -m 0700 /data /data/media
COPY --from=environment /environment /environment
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/environment/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    READ_DOT_ENV=off \
    MEDIA_ROOT=/data/media
USER weerthuis
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "weerthuis.wsgi", "--bind=0.0.0.0:8000", "--preload", "--workers=2", "--threads=4", "--timeout=60", "--worker-tmp-dir=/dev/shm"]
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["python", "-m", "weerthuis.probe", "web"]
