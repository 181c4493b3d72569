# One image for web, worker and scheduler: `docker build -t heed .`
# The first stage builds with the same script as `make run`; the second has only what runs, and runs as nobody special.
FROM python:3.11-slim-bookworm AS build
WORKDIR /heed
COPY requirements requirements
COPY pyproject.toml ./
COPY tools/setup tools/setup
RUN tools/setup server
COPY package.json package-lock.json .npmrc ./
COPY frontend frontend
COPY app app
RUN tools/setup server frontend translations \
    && rm -rf node_modules .venv/node

FROM python:3.11-slim-bookworm
# What draws PDFs, and a font with Chinese characters.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        fontconfig fonts-noto-cjk libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin heed
WORKDIR /heed
COPY --from=build /heed/.venv .venv
COPY --from=build /heed/app app
COPY migrations migrations
COPY wsgi.py LICENSE ./
ENV PATH=/heed/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    LOG_FORMAT=json
USER heed
EXPOSE 8000
STOPSIGNAL SIGTERM
ENTRYPOINT ["heed"]
CMD ["web", "--host", "0.0.0.0"]
