# syntax=docker/dockerfile:1
# One image for every role: docker build -t pasar . && docker run pasar --help

FROM rust:1.95.0-slim-bookworm AS build
# The image's toolchain as it is: rust-toolchain.toml is for people and also names rustfmt and clippy.
ENV RUSTUP_TOOLCHAIN=1.95.0
# For librdkafka, which is built from source: make, a C++ compiler, and OpenSSL for TLS and SCRAM.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends g++ libssl-dev make pkg-config zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# The crates and everything compiled stay in the builder's cache, so a later build compiles only what changed. `locked`, because two
# builds at a time would spoil the folder. A mounted cache is not part of the layer: the binary is copied out in the same step.
RUN --mount=type=cache,id=pasar-registry,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,id=pasar-target,target=/src/target,sharing=locked \
    cargo build --locked --profile dist --package pasar --bin pasar \
    && install -D --strip target/dist/pasar /out/pasar

FROM debian:bookworm-slim
# ca-certificates: TLS to a managed PostgreSQL, a collector or a foreign token issuer. libssl3: TLS to Kafka.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates libssl3 zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 pasar \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/pasar --shell /usr/sbin/nologin pasar \
    && install -d -o 10001 -g 10001 -m 0700 /var/lib/pasar
COPY --from=build /out/pasar /usr/local/bin/pasar
# What `pasar router --supergraph /etc/pasar/supergraph.yaml` composes: the list of subgraphs, and their schemas beside it.
COPY supergraph.yaml /etc/pasar/supergraph.yaml
COPY schema /etc/pasar/schema
COPY LICENSE /usr/share/doc/pasar/LICENSE

# In a container the listeners must be reachable from outside it. The admin listener stays unpublished unless asked for.
ENV PASAR__HTTP__LISTEN=0.0.0.0:4000 \
    PASAR__HTTP__ADMIN_LISTEN=0.0.0.0:8088 \
    PASAR__TELEMETRY__FORMAT=json
# Numbers, so that Kubernetes' runAsNonRoot can check them. The only folder written to is /var/lib/pasar (and /tmp).
USER 10001:10001
WORKDIR /var/lib/pasar
EXPOSE 4000 8088
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ["pasar", "healthcheck"]
ENTRYPOINT ["pasar"]
CMD ["--help"]
