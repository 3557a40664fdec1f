-- Types in braces are replaced per database: {text} compares by bytes, {bytes} holds documents,
-- digests and sealed values. Instants are milliseconds since the epoch. Every table of a pool's
-- data begins its key with the pool, so that it can be spread by pool or by (pool, user).

CREATE TABLE pools (
    pool_id {text} NOT NULL PRIMARY KEY,
    account_id {text} NOT NULL,
    region {text} NOT NULL,
    document {bytes} NOT NULL
);
CREATE INDEX pools_by_account ON pools (account_id, region, pool_id);

CREATE TABLE clients (
    pool_id {text} NOT NULL,
    client_id {text} NOT NULL,
    document {bytes} NOT NULL,
    PRIMARY KEY (pool_id, client_id)
);

-- Unsigned requests name only the client; this leads to its pool.
CREATE TABLE client_pools (
    client_id {text} NOT NULL PRIMARY KEY,
    pool_id {text} NOT NULL
);

CREATE TABLE users (
    pool_id {text} NOT NULL,
    sub {text} NOT NULL,
    username_key {text} NOT NULL,
    status {text} NOT NULL,
    enabled BIGINT NOT NULL,
    document {bytes} NOT NULL,
    PRIMARY KEY (pool_id, sub),
    UNIQUE (pool_id, username_key)
);
CREATE INDEX users_by_status ON users (pool_id, status, sub);
CREATE INDEX users_by_enabled ON users (pool_id, enabled, sub);

CREATE TABLE user_aliases (
    pool_id {text} NOT NULL,
    kind {text} NOT NULL,
    alias_key {text} NOT NULL,
    sub {text} NOT NULL,
    PRIMARY KEY (pool_id, kind, alias_key)
);
CREATE INDEX user_aliases_by_user ON user_aliases (pool_id, sub);

CREATE TABLE user_search (
    pool_id {text} NOT NULL,
    attribute {text} NOT NULL,
    search_key {text} NOT NULL,
    sub {text} NOT NULL,
    PRIMARY KEY (pool_id, attribute, search_key, sub)
);
CREATE INDEX user_search_by_user ON user_search (pool_id, sub);

CREATE TABLE credentials (
    pool_id {text} NOT NULL,
    sub {text} NOT NULL,
    document {bytes} NOT NULL,
    PRIMARY KEY (pool_id, sub)
);

CREATE TABLE user_groups (
    pool_id {text} NOT NULL,
    name {text} NOT NULL,
    document {bytes} NOT NULL,
    PRIMARY KEY (pool_id, name)
);

CREATE TABLE group_members (
    pool_id {text} NOT NULL,
    name {text} NOT NULL,
    sub {text} NOT NULL,
    added_at BIGINT NOT NULL,
    PRIMARY KEY (pool_id, name, sub)
);
CREATE INDEX group_members_by_user ON group_members (pool_id, sub, name);

CREATE TABLE codes (
    pool_id {text} NOT NULL,
    sub {text} NOT NULL,
    purpose {text} NOT NULL,
    code_hash {bytes} NOT NULL,
    issued_at BIGINT NOT NULL,
    document {bytes} NOT NULL,
    PRIMARY KEY (pool_id, sub, purpose)
);
CREATE INDEX codes_by_age ON codes (issued_at);

CREATE TABLE attempts (
    pool_id {text} NOT NULL,
    sub {text} NOT NULL,
    kind {text} NOT NULL,
    count BIGINT NOT NULL,
    since BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (pool_id, sub, kind)
);
CREATE INDEX attempts_by_age ON attempts (last_at);

CREATE TABLE token_families (
    pool_id {text} NOT NULL,
    origin_jti {text} NOT NULL,
    sub {text} NOT NULL,
    generation BIGINT NOT NULL,
    rotated_at BIGINT,
    revoked_at BIGINT,
    expires_at BIGINT NOT NULL,
    document {bytes} NOT NULL,
    PRIMARY KEY (pool_id, origin_jti)
);
CREATE INDEX token_families_by_user ON token_families (pool_id, sub);
CREATE INDEX token_families_by_expiry ON token_families (pool_id, expires_at);

CREATE TABLE used_sessions (
    pool_id {text} NOT NULL,
    session_id {text} NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (pool_id, session_id)
);
CREATE INDEX used_sessions_by_expiry ON used_sessions (expires_at);

CREATE TABLE data_keys (
    pool_id {text} NOT NULL,
    key_id {text} NOT NULL,
    master_key_id {text} NOT NULL,
    sealed_key {bytes} NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (pool_id, key_id)
);

CREATE TABLE signing_keys (
    pool_id {text} NOT NULL,
    kid {text} NOT NULL,
    purpose {text} NOT NULL,
    sealed_private_key {bytes} NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (pool_id, kid)
);

CREATE TABLE access_keys (
    access_key_id {text} NOT NULL PRIMARY KEY,
    sealed_secret {bytes} NOT NULL,
    user_name {text} NOT NULL,
    policy {text} NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);

CREATE TABLE messages (
    pool_id {text} NOT NULL,
    message_id {text} NOT NULL,
    state {text} NOT NULL,
    sealed_content {bytes} NOT NULL,
    attempts BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    PRIMARY KEY (pool_id, message_id)
);
CREATE INDEX messages_by_due ON messages (state, next_attempt_at);
CREATE INDEX messages_by_age ON messages (created_at);
