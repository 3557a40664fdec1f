-- Users in and out: import jobs with their files and logs, and restores under way.

CREATE TABLE import_jobs (
    pool_id {text} NOT NULL,
    job_id {text} NOT NULL,
    created_at BIGINT NOT NULL,
    document {bytes} NOT NULL,
    PRIMARY KEY (pool_id, job_id)
);
CREATE INDEX import_jobs_by_age ON import_jobs (pool_id, created_at, job_id);

-- In pieces, so that any node can work on it and none holds it whole.
CREATE TABLE import_files (
    pool_id {text} NOT NULL,
    job_id {text} NOT NULL,
    upload_id {text} NOT NULL,
    position BIGINT NOT NULL,
    uploaded_at BIGINT NOT NULL,
    content {bytes} NOT NULL,
    PRIMARY KEY (pool_id, job_id, upload_id, position)
);
CREATE INDEX import_files_by_age ON import_files (uploaded_at);

-- The import that an account has under way, and which node works on it.
CREATE TABLE active_imports (
    account_id {text} NOT NULL,
    region {text} NOT NULL,
    pool_id {text} NOT NULL,
    job_id {text} NOT NULL,
    leased_by {text} NOT NULL,
    leased_until BIGINT NOT NULL,
    PRIMARY KEY (account_id, region)
);
CREATE INDEX active_imports_by_lease ON active_imports (leased_until);

-- What jobs have to say, many lines a row.
CREATE TABLE job_logs (
    pool_id {text} NOT NULL,
    job_id {text} NOT NULL,
    first_line BIGINT NOT NULL,
    written_at BIGINT NOT NULL,
    lines {bytes} NOT NULL,
    PRIMARY KEY (pool_id, job_id, first_line)
);

-- How far an archive was restored into a pool that nobody sees yet.
CREATE TABLE pool_restores (
    pool_id {text} NOT NULL PRIMARY KEY,
    archive_id {text} NOT NULL,
    chunks BIGINT NOT NULL
);
