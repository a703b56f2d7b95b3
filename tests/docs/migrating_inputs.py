"""The real inputs and keys of the tools of docs/migrating/, from their own sources at the commits named here."""

from __future__ import annotations

from typing import NamedTuple


class Known(NamedTuple):
    """What a tool takes."""

    source: str  # of the lists
    inputs: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


TOOLS = {
    "betahuhn.md": Known(
        "BetaHuhn/repo-file-sync-action v1.21.1: action.yml at 88a3448, src/config.js at 5c87303",
        inputs=(
            "GH_PAT", "GH_INSTALLATION_TOKEN", "CONFIG_PATH", "IS_FINE_GRAINED", "PR_LABELS", "PR_BODY", "ASSIGNEES",
            "REVIEWERS", "TEAM_REVIEWERS", "COMMIT_PREFIX", "COMMIT_BODY", "COMMIT_EACH_FILE", "GIT_EMAIL",
            "GIT_USERNAME", "TMP_DIR", "DRY_RUN", "SKIP_CLEANUP", "OVERWRITE_EXISTING_PR", "ORIGINAL_MESSAGE",
            "COMMIT_AS_PR_TITLE", "SKIP_PR", "BRANCH_PREFIX", "FORK",
        ),
        keys=("group", "repos", "files", "source", "dest", "template", "replace", "deleteOrphaned", "exclude"),
    ),
    "wadackel.md": Known(
        "wadackel/files-sync-action v3.6.0: action.yaml at c0e8288, src/config.ts at 9a2d2dc",
        inputs=("github_token", "github_api_url", "config_file"),
        keys=(
            "settings", "patterns", "files", "from", "to", "exclude", "delete_files", "path", "type", "repositories",
            "template", "commit", "format", "prefix", "subject", "branch", "pull_request", "disabled", "force", "title",
            "body", "reviewers", "assignees", "labels", "merge", "mode", "strategy", "delete_branch",
        ),
    ),
    "adrianjost.md": Known(
        "adrianjost/files-sync-action: action.yml at 25c04fe",
        inputs=(
            "COMMIT_MESSAGE", "DRY_RUN", "FILE_PATTERNS", "GITHUB_TOKEN", "GITHUB_SERVER", "GIT_EMAIL", "GIT_USERNAME",
            "SKIP_DELETE", "SKIP_REPLACE", "SKIP_CLEANUP", "SRC_REPO", "TARGET_REPOS", "TMPDIR", "SRC_ROOT",
            "TARGET_ROOT",
        ),
    ),
    "kbrashears5.md": Known(
        "kbrashears5/github-action-file-sync: action.yml at 79002f2, entrypoint.sh of versions without PULL_REQUEST",
        inputs=(
            "REPOSITORIES", "FILES", "TOKEN", "PULL_REQUEST", "PULL_REQUEST_BRANCH_NAME", "GIT_EMAIL", "GIT_USERNAME",
        ),
    ),
    "actions-template-sync.md": Known(
        "AndreasAugustin/actions-template-sync: action.yml at 03661a8",
        inputs=(
            "github_token", "source_repo_path", "upstream_branch", "source_repo_ssh_private_key",
            "pr_branch_name_prefix", "pr_title", "pr_body", "pr_labels", "pr_reviewers", "pr_commit_msg", "hostname",
            "is_dry_run", "is_allow_hooks", "hooks", "is_force_push_pr", "is_pr_cleanup",
            "is_keep_branch_on_pr_cleanup", "is_not_source_github", "is_force_deletion", "is_git_lfs", "git_user_name",
            "git_user_email", "git_remote_pull_params", "gpg_private_key", "gpg_passphrase", "steps",
            "template_sync_ignore_file_path", "is_with_tags",
        ),
    ),
    "path-sync.md": Known(
        "EspenAlbert/path-sync: path_sync/_internal/models.py at 0f854f7",
        keys=(
            "name", "git_remote", "src_repo_url", "schedule", "header_config", "pr_defaults", "paths", "path_groups",
            "destinations", "verify", "wrap_synced_files", "auto_merge", "src_path", "dest_path", "sync_mode",
            "exclude_dirs", "exclude_file_patterns", "wrap", "repo_url", "dest_path_relative", "copy_branch",
            "default_branch", "skip_sections", "skip_file_patterns", "include_groups", "title", "body_template",
            "body_suffix", "labels", "reviewers", "assignees", "method", "delete_branch", "poll_interval_seconds",
            "timeout_seconds",
        ),
    ),
}  # fmt: skip
