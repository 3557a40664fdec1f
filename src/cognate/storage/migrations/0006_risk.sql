-- What pools do about risky sign-ins, and what users did.

CREATE TABLE risk_configurations (
    pool_id {text} NOT NULL,
    client_id {text} NOT NULL,
    document {bytes} NOT NULL,
    PRIMARY KEY (pool_id, client_id)
);

CREATE TABLE auth_events (
    pool_id {text} NOT NULL,
    sub {text} NOT NULL,
    event_id {text} NOT NULL,
    created_at BIGINT NOT NULL,
    document {bytes} NOT NULL,
    PRIMARY KEY (pool_id, sub, event_id)
);
CREATE INDEX auth_events_by_age ON auth_events (pool_id, sub, created_at, event_id);
CREATE INDEX auth_events_by_time ON auth_events (created_at);
