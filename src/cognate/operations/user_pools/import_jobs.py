"""Jobs that import users from a CSV file. Source: user-pools.md J.1."""

from datetime import UTC, datetime

from cognate.domain.import_jobs import (
    ID_ALPHABET,
    ID_LENGTH,
    JOBS_PER_POOL,
    ImportJob,
    JobStatus,
    Turn,
)
from cognate.domain.pools import Pool
from cognate.errors import (
    InvalidParameterException,
    LimitExceededException,
    PreconditionNotMetException,
    ResourceNotFoundException,
)
from cognate.operations.operation import Operations
from cognate.operations.pagination import Question
from cognate.ports import Call, PoolKeys, Repositories, Transaction
from cognate.protocol.foreign_hashes import HashAlgorithm
from cognate.signin.lookup import existing_pool
from cognate.transfer.csv_users import header_of
from cognate.transfer.uploads import signed_url
from cognate.wire.cognito_idp import (
    CreateUserImportJobRequest,
    CreateUserImportJobResponse,
    DescribeUserImportJobRequest,
    DescribeUserImportJobResponse,
    GetCSVHeaderRequest,
    GetCSVHeaderResponse,
    ListUserImportJobsRequest,
    ListUserImportJobsResponse,
    StartUserImportJobRequest,
    StartUserImportJobResponse,
    StopUserImportJobRequest,
    StopUserImportJobResponse,
    UserImportJobType,
)


async def get_csv_header(call: Call, request: GetCSVHeaderRequest) -> GetCSVHeaderResponse:
    """
    The columns of a file to import.

    Raises:
        ResourceNotFoundException: no such pool.

    Source: Cognito API reference, GetCSVHeader.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    return GetCSVHeaderResponse(user_pool_id=pool.pool_id, csv_header=header_of(pool))


async def create_user_import_job(
    call: Call, request: CreateUserImportJobRequest
) -> CreateUserImportJobResponse:
    """
    Make a job, with an address to send its file to within fifteen minutes.

    Raises:
        ResourceNotFoundException: no such pool.
        LimitExceededException: the pool has a thousand jobs.

    Source: Cognito API reference, CreateUserImportJob.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    algorithm = request.password_hashing_algorithm
    job = await new_job(
        call,
        pool,
        name=request.job_name,
        role_arn=request.cloud_watch_logs_role_arn,
        algorithm=HashAlgorithm(algorithm) if algorithm else None,
    )
    return CreateUserImportJobResponse(user_import_job=await _shown(call, pool, job))


async def new_job(
    call: Call, pool: Pool, *, name: str, role_arn: str, algorithm: HashAlgorithm | None
) -> ImportJob:
    """As CreateUserImportJob."""
    job = ImportJob(
        pool_id=pool.pool_id,
        job_id="import-" + call.entropy.text(ID_ALPHABET, ID_LENGTH),
        name=name,
        role_arn=role_arn,
        algorithm=algorithm,
        created_at=call.clock.now(),
    )

    async def add(tx: Transaction) -> None:
        if await tx.import_jobs.count(pool.pool_id) >= JOBS_PER_POOL:
            raise LimitExceededException("The limit of import jobs in this pool has been reached.")
        await tx.import_jobs.add(job)

    await call.store.change(add)
    return job


async def describe_user_import_job(
    call: Call, request: DescribeUserImportJobRequest
) -> DescribeUserImportJobResponse:
    """
    Where a job stands.

    Raises:
        ResourceNotFoundException: no such pool or job.

    Source: Cognito API reference, DescribeUserImportJob.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    job = await _existing_job(call.store, pool, request.job_id)
    return DescribeUserImportJobResponse(user_import_job=await _shown(call, pool, job))


async def list_user_import_jobs(
    call: Call, request: ListUserImportJobsRequest
) -> ListUserImportJobsResponse:
    """
    The jobs of a pool, newest first.

    Raises:
        ResourceNotFoundException: no such pool.
        InvalidParameterException: a token of another question.

    Source: Cognito API reference, ListUserImportJobs.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    question = Question(operation="ListUserImportJobs", parameters=(pool.pool_id,))
    keys = await call.keys.of_pool(pool)
    now = call.clock.now()
    before = None
    if request.pagination_token is not None:
        instant, job_id = question.position(keys, request.pagination_token, now=now)
        before = (datetime.fromtimestamp(float(instant), UTC), job_id)
    found = await call.store.import_jobs.page(
        pool.pool_id, before=before, limit=request.max_results + 1
    )
    page = found[: request.max_results]
    token = None
    if len(found) > len(page):
        last = page[-1]
        after = (str(last.created_at.timestamp()), last.job_id)
        token = question.token(keys, after, now=now)
    return ListUserImportJobsResponse(
        user_import_jobs=[_shape(call, keys, job) for job in page], pagination_token=token
    )


async def start_user_import_job(
    call: Call, request: StartUserImportJobRequest
) -> StartUserImportJobResponse:
    """
    Let a job begin, as the one that its account has under way.

    Raises:
        ResourceNotFoundException: no such pool or job.
        PreconditionNotMetException: started before, no file yet, another job is under way, or
            the pool verifies no attribute by itself, so that no row could be taken.

    Source: Cognito API reference, StartUserImportJob.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    now = call.clock.now()

    async def start(tx: Transaction) -> ImportJob:
        return await started(tx, pool, request.job_id, by="", until=now, now=now)

    job = await call.store.change(start)
    return StartUserImportJobResponse(user_import_job=await _shown(call, pool, job))


async def started(
    tx: Transaction, pool: Pool, job_id: str, *, by: str, until: datetime, now: datetime
) -> ImportJob:
    """The job, started, and leased to `by` until then; as StartUserImportJob."""
    job = (await _existing_job(tx, pool, job_id)).at(now)
    if job.status is not JobStatus.CREATED:
        raise PreconditionNotMetException(
            f"The import job cannot be started: its status is {job.status.value}."
        )
    if not pool.auto_verified:
        raise PreconditionNotMetException(
            "The user pool must have at least one auto verified attribute to import users."
        )
    if job.upload_id is None:
        raise PreconditionNotMetException("The CSV file of the import job has not been uploaded.")
    turn = Turn(pool_id=pool.pool_id, job_id=job.job_id, leased_by=by, leased_until=until)
    if not await tx.import_jobs.activate(pool.account_id, pool.region, turn):
        raise PreconditionNotMetException("Another import job of this account is in progress.")
    begun = job.started(now=now)
    await tx.import_jobs.save(begun)
    return begun


async def stop_user_import_job(
    call: Call, request: StopUserImportJobRequest
) -> StopUserImportJobResponse:
    """
    Stop a job after the rows that are being imported; it cannot be started again.

    Raises:
        ResourceNotFoundException: no such pool or job.
        InvalidParameterException: it is not under way.

    Source: Cognito API reference, StopUserImportJob.
    """
    pool = await existing_pool(call.store, request.user_pool_id)
    now = call.clock.now()

    async def stop(tx: Transaction) -> ImportJob:
        job = (await _existing_job(tx, pool, request.job_id)).at(now)
        if job.status is JobStatus.CREATED:
            stopped = job.stopped(now=now)
            await tx.import_jobs.delete_files(job)
        elif job.is_active:
            stopped = job.stopping()
        else:
            raise InvalidParameterException(
                f"The import job cannot be stopped: its status is {job.status.value}."
            )
        await tx.import_jobs.save(stopped)
        return stopped

    job = await call.store.change(stop)
    return StopUserImportJobResponse(user_import_job=await _shown(call, pool, job))


async def _existing_job(store: Repositories, pool: Pool, job_id: str) -> ImportJob:
    """
    Raises:
        ResourceNotFoundException: no such job in the pool.
    """
    job = await store.import_jobs.find(pool.pool_id, job_id)
    if job is None:
        raise ResourceNotFoundException(f"User import job {job_id} does not exist.")
    return job


async def _shown(call: Call, pool: Pool, job: ImportJob) -> UserImportJobType:
    return _shape(call, await call.keys.of_pool(pool), job)


def _shape(call: Call, keys: PoolKeys, stored: ImportJob) -> UserImportJobType:
    job = stored.at(call.clock.now())
    return UserImportJobType(
        job_name=job.name,
        job_id=job.job_id,
        user_pool_id=job.pool_id,
        pre_signed_url=signed_url(call.deployment.public_url, keys, job),
        creation_date=job.created_at.timestamp(),
        start_date=job.started_at.timestamp() if job.started_at else None,
        completion_date=job.completed_at.timestamp() if job.completed_at else None,
        status=job.status.value,
        cloud_watch_logs_role_arn=job.role_arn,
        imported_users=job.imported,
        skipped_users=job.skipped,
        failed_users=job.failed,
        completion_message=job.message,
        password_hashing_algorithm=job.algorithm.value if job.algorithm else None,
    )


OPERATIONS: Operations = {
    "CreateUserImportJob": create_user_import_job,
    "DescribeUserImportJob": describe_user_import_job,
    "GetCSVHeader": get_csv_header,
    "ListUserImportJobs": list_user_import_jobs,
    "StartUserImportJob": start_user_import_job,
    "StopUserImportJob": stop_user_import_job,
}
