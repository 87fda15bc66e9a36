# Both images can be replaced, for example by a mirror's.
ARG BASE_BUILD=rust:1.95-bookworm
ARG BASE_RUN=debian:bookworm-slim

FROM ${BASE_BUILD} AS build
# `dev` builds in minutes what `release` builds in a quarter of an hour; for trying the image.
ARG PROFILE=release
WORKDIR /build
ENV SQLX_OFFLINE=true CARGO_INCREMENTAL=0
# First the dependencies, with an empty program: this layer lasts until Cargo.lock or a leaf crate changes.
COPY Cargo.toml Cargo.lock ./
COPY crates crates
RUN mkdir -p src tests/it benches \
    && echo 'fn main() {}' > src/main.rs && cp src/main.rs tests/it/main.rs && cp src/main.rs benches/retrieval.rs && touch src/lib.rs \
    && cargo build --profile "${PROFILE}" --locked --bin immivo
COPY . .
# Cargo compares times, and copied files may be older than the empty program.
RUN touch src/main.rs src/lib.rs \
    && cargo build --profile "${PROFILE}" --locked --bin immivo \
    && cp target/*/immivo /usr/local/bin/immivo

FROM ${BASE_RUN}
# Chromium prints exposés; its sandbox works because nothing here runs as root. Without fonts it prints empty pages.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        ca-certificates tzdata chromium chromium-sandbox fonts-liberation fonts-noto-color-emoji \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 immivo \
    && useradd --uid 10001 --gid 10001 --create-home --home-dir /app --shell /usr/sbin/nologin immivo \
    && install -d -o immivo -g immivo /app/uploads /app/.immivo
WORKDIR /app
COPY config config
COPY --from=build /usr/local/bin/immivo /usr/local/bin/immivo
USER 10001:10001
# In a container the loopback interface reaches nobody.
ENV IMMIVO__HTTP__LISTEN=0.0.0.0:8080 IMMIVO__SMTP__LISTEN=0.0.0.0:2525
EXPOSE 8080 2525
VOLUME ["/app/uploads", "/app/.immivo"]
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ["immivo", "healthcheck"]
ENTRYPOINT ["immivo"]
CMD ["serve"]
