# Debian's slim Python: no git (trees are compared through the API), no compiler (every dependency has a wheel).
# By digest, of the list for all platforms: one commit is one image. Dependabot moves the tag and the digest together.
FROM python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b

LABEL org.opencontainers.image.title="Broadcast" \
      org.opencontainers.image.description="Keeps files in step across repositories, one pull request per target" \
      org.opencontainers.image.licenses="MIT"

COPY requirements/runtime.lock requirements/build.lock /opt/broadcast/requirements/
RUN python3 -m pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore --compile \
      --only-binary :all: --require-hashes \
      -r /opt/broadcast/requirements/runtime.lock -r /opt/broadcast/requirements/build.lock

COPY pyproject.toml README.md LICENSE entrypoint.py /opt/broadcast/
COPY broadcast /opt/broadcast/broadcast
RUN python3 -m pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore --compile \
      --no-deps --no-build-isolation --no-index /opt/broadcast \
 && rm -rf /opt/broadcast/broadcast \
 && python3 -m pip uninstall --yes --quiet --root-user-action=ignore flit_core

# The runner's working directory is the user's checkout: isolated mode (-I) keeps its files, PYTHONPATH and the user's
# site-packages out of the imports. USER stays root, as the runner's mounts need (docs: Dockerfile support).
ENTRYPOINT ["/usr/local/bin/python3", "-I", "-u", "/opt/broadcast/entrypoint.py"]
