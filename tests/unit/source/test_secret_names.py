"""Which names usually hold secrets, so that no directory sends them unasked; and which never do."""

from __future__ import annotations

import pytest

from broadcast.git.objects import blob_id
from broadcast.source.checkout import Checkout
from broadcast.source.secret_names import is_secret
from tests.world import git

_SECRETS = """
.env .ENV .env.local .env.production .Env.Staging app/.env.test prod.env .envrc .dev.vars
.netrc _netrc .git-credentials .npmrc .NPMRC .yarnrc.yml .pypirc pip.conf auth.json NuGet.Config home/.gem/credentials
.cargo/credentials.toml .m2/settings.xml .gradle/gradle.properties .config/gh/hosts.yml .config/hub
id_rsa ID_RSA id_ed25519 keys/id_ecdsa deploy_rsa ssh_host_ed25519_key .ssh/config .ssh/known/x .gnupg/secring.gpg
server.pem SERVER.PEM tls.key private.p8 cert.p12 Cert.PFX release.jks app.keystore vault.kdbx putty.ppk service.keytab
.aws/credentials .aws/config .azure/accessTokens.json .config/gcloud/access_tokens.db application_default_credentials.json
gha-creds-0123.json credentials credentials.json my-credentials.json client_secret_1.json service-account.json
prod-service_account-key.json .boto .s3cfg .oci/config .kube/config kubeconfig prod.kubeconfig .docker/config.json
.dockercfg .dockerconfigjson terraform.tfstate terraform.tfstate.backup prod.tfvars .terraformrc credentials.tfrc.json
.vault-token .vault_pass vault_pass.txt .pulumi/credentials.json .databrickscfg .pgpass .my.cnf .htpasswd rclone.conf
secrets.yml secrets.json config/master.key token.json token passwords.txt .bash_history .psql_history cookies.txt
.env.bak .env~ #.env# .env.swp ..env.swp .npmrc.old .id_rsa.swp id_rsa.bak server.key.1 .#.netrc~ prod.netrc
.secret act.secrets my-firebase-adminsdk-x.json local.settings.json htpasswd .rclone.conf wg0.conf .ngrok2/ngrok.yml
.oauth-token passwords.csv .git-credentials-work
.credentials_rsaparams .runner wp-config.php sftp-config.json .snowsql/config .chef/knife.rb client.ovpn .netlify/state.json
"""
_PLAIN = """
README.md .env.example .ENV.Example .env.production.example .env.sample environment.yml env.py id_rsa.pub keys.md
docs/credentials.md src/credentials.py tokenizer.py token.go passwords.md main.tf variables.tf .gitignore .gitattributes
.github/workflows/ci.yml package.json settings.xml gradle.properties config.json config hosts.yml keyboard.md pem.go
README.md.bak main.py~ notes.tmp .gitignore.old key.go.1 wg.conf
Dockerfile docker/config.json aws/config kube/config secrets.md src/secrets/index.ts token/main.go .dockerignore
"""
SECRETS, PLAIN = _SECRETS.split(), _PLAIN.split()


@pytest.mark.parametrize("path", SECRETS)
def test_a_name_that_usually_holds_a_secret_is_known(path):
    assert is_secret(path)
    assert is_secret(f"deep/in/{path.upper()}")


@pytest.mark.parametrize("path", PLAIN)
def test_what_only_looks_like_one_is_sent(path):
    assert not is_secret(path)


def test_there_are_many():
    assert len(SECRETS) > 90


def test_a_directory_that_takes_what_was_built_takes_no_secret_whatever_the_letters(tmp_path):
    git(tmp_path, "init", "-q")
    for name in ("kit/a", "kit/.ENV.local", "kit/Server.KEY", "kit/.kube/config", "kit/.env.example"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    checkout = Checkout.open(tmp_path)
    checkout.add_untracked("kit")
    listing = checkout.list("kit", untracked=True)
    assert {file.path for file in listing.files} == {"kit/a", "kit/.env.example"}
    assert len(listing.warnings) == 3


def test_a_tracked_file_of_such_a_name_goes_out_as_committed_unless_it_is_named(tmp_path):
    """An earlier step may have written a token into .npmrc."""
    git(tmp_path, "init", "-q")
    for name in ("kit/.npmrc", "kit/a"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("committed")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "x")
    for name in ("kit/.npmrc", "kit/a"):
        (tmp_path / name).write_text("token")

    def sent(*prefixes: str) -> set[str]:
        checkout = Checkout.open(tmp_path)
        for prefix in prefixes:
            checkout.add_untracked(prefix)
        files = checkout.list(prefixes[0], untracked=True).files
        assert all(blob_id(checkout.read(file.path, untracked=True)) == file.oid for file in files)
        return {file.path for file in files if file.oid == blob_id(b"token")}

    assert sent("kit") == {"kit/a"}
    assert sent("kit/.npmrc") == {"kit/.npmrc"}


@pytest.mark.parametrize("where", ["kit/mirror.git", "kit/deep/x"])
def test_a_bare_repository_is_not_entered(tmp_path, where):
    git(tmp_path, "init", "-q")
    (tmp_path / where).parent.mkdir(parents=True)
    git(tmp_path, "init", "-q", "--bare", where)
    (tmp_path / "kit/a").write_text("x")
    checkout = Checkout.open(tmp_path)
    checkout.add_untracked("kit")
    listing = checkout.list("kit", untracked=True)
    assert [file.path for file in listing.files] == ["kit/a"]
    assert listing.warnings == (f"{where}/ is a git repository of its own, and not sent",)
