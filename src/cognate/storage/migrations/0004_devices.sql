-- Devices of users, and sign-ins that wait for a device's proof: some clients answer that
-- challenge without its session.

CREATE TABLE devices (
    pool_id {text} NOT NULL,
    sub {text} NOT NULL,
    device_key {text} NOT NULL,
    confirmed BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    document {bytes} NOT NULL,
    PRIMARY KEY (pool_id, sub, device_key)
);
CREATE INDEX devices_by_offer ON devices (confirmed, created_at);

CREATE TABLE awaited_devices (
    pool_id {text} NOT NULL,
    sub {text} NOT NULL,
    device_key {text} NOT NULL,
    session {text} NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (pool_id, sub, device_key)
);
CREATE INDEX awaited_devices_by_expiry ON awaited_devices (expires_at);
