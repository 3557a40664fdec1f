-- Second factors and passkeys.

CREATE TABLE software_tokens (
    pool_id {text} NOT NULL,
    sub {text} NOT NULL,
    last_step BIGINT NOT NULL,
    document {bytes} NOT NULL,
    PRIMARY KEY (pool_id, sub)
);

CREATE TABLE passkeys (
    pool_id {text} NOT NULL,
    sub {text} NOT NULL,
    credential_id {text} NOT NULL,
    document {bytes} NOT NULL,
    PRIMARY KEY (pool_id, sub, credential_id)
);
