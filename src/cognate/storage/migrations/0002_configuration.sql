-- What administrators configure of a pool beside the pool itself.

-- A request to a host names no pool; this leads to it. The domain itself is part of the pool.
CREATE TABLE domains (
    domain {text} NOT NULL PRIMARY KEY,
    pool_id {text} NOT NULL
);
CREATE INDEX domains_by_pool ON domains (pool_id);

CREATE TABLE resource_servers (
    pool_id {text} NOT NULL,
    identifier {text} NOT NULL,
    document {bytes} NOT NULL,
    PRIMARY KEY (pool_id, identifier)
);

CREATE TABLE identity_providers (
    pool_id {text} NOT NULL,
    name {text} NOT NULL,
    document {bytes} NOT NULL,
    PRIMARY KEY (pool_id, name)
);

CREATE TABLE identity_provider_identifiers (
    pool_id {text} NOT NULL,
    identifier {text} NOT NULL,
    name {text} NOT NULL,
    PRIMARY KEY (pool_id, identifier)
);
CREATE INDEX identity_provider_identifiers_by_name
    ON identity_provider_identifiers (pool_id, name);

-- Who comes from a provider with this value is this user.
CREATE TABLE linked_identities (
    pool_id {text} NOT NULL,
    provider {text} NOT NULL,
    attribute {text} NOT NULL,
    value_digest {bytes} NOT NULL,
    sub {text} NOT NULL,
    document {bytes} NOT NULL,
    PRIMARY KEY (pool_id, provider, attribute, value_digest)
);
CREATE INDEX linked_identities_by_user ON linked_identities (pool_id, sub);

CREATE TABLE managed_login_styles (
    pool_id {text} NOT NULL,
    style_id {text} NOT NULL,
    client_id {text} NOT NULL,
    document {bytes} NOT NULL,
    PRIMARY KEY (pool_id, style_id),
    UNIQUE (pool_id, client_id)
);

CREATE TABLE managed_login_assets (
    pool_id {text} NOT NULL,
    style_id {text} NOT NULL,
    category {text} NOT NULL,
    color_mode {text} NOT NULL,
    resource_id {text} NOT NULL,
    client_id {text} NOT NULL,
    extension {text} NOT NULL,
    content {bytes} NOT NULL,
    PRIMARY KEY (pool_id, style_id, category, color_mode, resource_id)
);
CREATE INDEX managed_login_assets_by_client ON managed_login_assets (pool_id, client_id);

CREATE TABLE ui_customizations (
    pool_id {text} NOT NULL,
    client_id {text} NOT NULL,
    document {bytes} NOT NULL,
    PRIMARY KEY (pool_id, client_id)
);

CREATE TABLE terms (
    pool_id {text} NOT NULL,
    terms_id {text} NOT NULL,
    client_id {text} NOT NULL,
    name {text} NOT NULL,
    document {bytes} NOT NULL,
    PRIMARY KEY (pool_id, terms_id),
    UNIQUE (pool_id, client_id, name)
);

CREATE TABLE provisioned_limits (
    account_id {text} NOT NULL,
    region {text} NOT NULL,
    category {text} NOT NULL,
    rate BIGINT NOT NULL,
    PRIMARY KEY (account_id, region, category)
);
