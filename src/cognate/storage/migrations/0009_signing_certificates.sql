-- The certificate that a pool signs SAML requests with, made when it is first asked for.

CREATE TABLE signing_certificates (
    pool_id {text} NOT NULL PRIMARY KEY,
    certificate {bytes} NOT NULL,
    sealed_private_key {bytes} NOT NULL,
    created_at BIGINT NOT NULL
);
