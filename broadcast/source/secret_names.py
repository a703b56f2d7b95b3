"""Names of files in which tools keep passwords, tokens and keys (pure).

No package keeps a list of such names. This one follows each tool's documentation and the signatures of gitrob, shhgit
and leaky-repo. Letter case is ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from broadcast.git.ignore import Excludes

# As in a .gitignore, in small letters.
_TABLE = """
.env .env.* *.env .envrc .flaskenv .dev.vars .secret .secrets .secrets.* *.secret *.secrets !.env.example
!.env.*.example !.env.sample !.env.*.sample !.env.template !.env.*.template !.env.dist

.netrc _netrc *.netrc .git-credentials .git-credentials-* .hub .gitrobrc **/.config/gh/** **/.config/hub
**/.config/glab-cli/** .npmrc .yarnrc .yarnrc.yml .pypirc pip.conf pip.ini auth.json nuget.config .nuget/** .condarc
**/.gem/** **/.bundle/config **/.cargo/credentials **/.cargo/credentials.toml **/.m2/settings.xml
settings-security.xml **/.gradle/gradle.properties **/.ivy2/.credentials **/.sbt/.credentials **/.composer/auth.json
**/.hex/**

id_rsa id_dsa id_ecdsa id_ecdsa_sk id_ed25519 id_ed25519_sk id_xmss *_rsa *_dsa *_ecdsa *_ed25519 ssh_host_*_key
**/.ssh/** **/.gnupg/** **/.gpg/** **/.age/** secring.* *.agekey *.keytab krb5cc_* *.ppk *.pem *.key *.p8 *.p12 *.pfx
*.pkcs12 *.jks *.keystore *.bcfks *.kdb *.kdbx *.gpg *.pgp *.ovpn *.mobileprovision

**/.aws/** **/.azure/** **/.config/gcloud/** **/gcloud/credentials.db application_default_credentials.json
access_tokens.db gha-creds-*.json credentials credentials.json credentials.yml credentials.yaml credentials.xml
credentials.toml credentials.ini credentials.csv credentials.db credentials.txt credentials.properties .credentials
.credentials.json *-credentials.json *_credentials.json *credentials.csv accesskeys.csv *service-account*.json
*service_account*.json *serviceaccount*.json client_secret*.json *firebase-adminsdk*.json local.settings.json
azureprofile.json accesstokens.json msal_token_cache.* *.publishsettings *.azureauth .boto .s3cfg .passwd-s3fs
**/.oci/** **/.aliyun/** **/.tencentcloud/** **/.config/doctl/** **/.config/linode-cli **/.fly/** **/.ibmcloud/**
**/.bluemix/** **/.config/scw/** **/.config/hcloud/** **/.config/heroku/** **/.netlify/** **/.vercel/**
**/.config/configstore/** **/.wrangler/** .tugboat heroku.json **/.cf/** **/.pulumi/** .databrickscfg

**/.kube/** kubeconfig kubeconfig.* *.kubeconfig **/.docker/config.json **/.docker/contexts/** .dockercfg
.dockerconfigjson **/containers/auth.json **/.config/helm/** **/.helm/** **/.argocd/** **/.config/argocd/** *.tfstate
*.tfstate.* *.tfvars *.tfvars.json .terraformrc terraform.rc **/.terraform.d/** credentials.tfrc.json .vault-token
vault-token .vault_pass .vault_pass.* vault_pass vault_pass.* .vault-pass .vault-password **/.chef/** *.age

.pgpass pgpass.conf .my.cnf .mylogin.cnf **/.snowsql/** .mongorc.js .dbshell .rediscli_auth .htpasswd htpasswd
*.htpasswd proftpdpasswd rclone.conf .rclone.conf **/.config/rclone/** wg[0-9]*.conf **/.ngrok2/** ngrok.yml
**/doctl/config.yaml knife.rb wallet.dat sftp-config.json sftp.json .remote-sync.json .ftpconfig .sftp-config.json
filezilla.xml recentservers.xml sitemanager.xml wp-config.php secrets.yml secrets.yaml secrets.json secrets.toml
secrets.env secrets.properties secret.yml secret.yaml secret.json token token.json token.txt tokens.json .token
*.token .oauth-token oauth_token oauth-token password password.txt passwords.txt passwords.csv .password .pass .passwd
.bash_history .zsh_history .sh_history .psql_history .mysql_history .sqlite_history .python_history .node_repl_history
.irb_history .lesshst logins.json key3.db key4.db signons.sqlite cookies.sqlite cookies.txt .cookies .cookie-jar

.credentials_rsaparams .runner **/.jupyter/** **/.config/op/** **/.op/** **/.password-store/** **/.huggingface/token
**/.cache/huggingface/token **/.kaggle/kaggle.json kaggle.json .wandb **/.streamlit/secrets.toml **/.claude.json
**/.config/sops/** **/.config/github-copilot/** **/.codeium/** .sentryclirc .atlassian **/.jira.d/** .slack-token
*.rdp
"""


# The name of a copy that a person or an editor made: secret.bak, secret~, #secret#, .#secret, .secret.swp.
_COPY = re.compile(r"\.?#?(?P<name>.+?)(\.(bak|backup|old|orig|save|copy|tmp|swp|swo|rej|\d+)|~|#)+")


def is_secret(path: str) -> bool:
    """Return whether files of this name, or of the name that it is a copy of, usually hold secrets."""
    folder, slash, name = path.lower().rpartition("/")
    return any(_excludes().decide(folder + slash + one, folder=False) is True for one in _originals(name))


def _originals(name: str) -> Iterable[str]:
    yield name
    if copy := _COPY.fullmatch(name):
        yield copy["name"]
        yield "." + copy["name"]


@cache
def _excludes() -> Excludes:
    return Excludes(_TABLE.split())
