-- Networks that users signed in from, so that strangers elsewhere cannot lock them out.

CREATE TABLE known_networks (
    pool_id {text} NOT NULL,
    sub {text} NOT NULL,
    network {text} NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (pool_id, sub, network)
);
CREATE INDEX known_networks_by_age ON known_networks (seen_at);
