-- The registration of a passkey that is under way; one for each user.

CREATE TABLE passkey_challenges (
    pool_id {text} NOT NULL,
    sub {text} NOT NULL,
    challenge {bytes} NOT NULL,
    client_id {text} NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (pool_id, sub)
);
