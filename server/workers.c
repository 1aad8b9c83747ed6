/* Threads that serve; the contract is in workers.h. */
#include "workers.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum {
    READERS_MAX = 64,
    GROUP_MAX = 64,        /* writes that share a transaction */
    MAINTENANCE_MS = 1000, /* from one to the next */
    NANOSECONDS_PER_MS = 1000000,
};

typedef struct server_queue {
    server_work *first;
    server_work **end;
} server_queue;

struct server_workers {
    pthread_mutex_t mutex; /* guards the queues and is_stopping */
    pthread_cond_t for_readers;
    pthread_cond_t for_writer;
    server_queue queues[LANE_COUNT]; /* that of LANE_QUICK is empty */
    bool is_stopping;

    server_database *quick[WORKERS_SUBMITTERS_MAX];
    int quick_count;             /* connections that are open */
    atomic_int quick_taken;      /* of them */
    pthread_mutex_t write_mutex; /* guards writing */
    server_database *writing;
    atomic_bool is_writer_busy; /* its thread wants it, or may write by steps */
    bool is_private;
    server_database *steps; /* maintenance, and work in steps */
    pthread_t writer;
    bool has_writer; /* the thread runs */
    struct timespec maintenance_at;

    server_database *reading[READERS_MAX];
    pthread_t readers[READERS_MAX];
    int reader_count; /* connections that are open */
    int thread_count; /* of readers that run */
    int next_reader;  /* the connection of the next thread */
};

/* ---------------------------------------------------------------- queues -- */

static void put(server_queue *queue, server_work *work)
{
    work->next = NULL;
    *queue->end = work;
    queue->end = &work->next;
}

static server_work *take(server_queue *queue)
{
    server_work *taken = queue->first;
    if (taken == NULL) return NULL;
    queue->first = taken->next;
    if (queue->first == NULL) queue->end = &queue->first;
    return taken;
}

server_database *workers_quick(server_workers *workers)
{
    static _Thread_local server_database *own;
    if (own == NULL)
        own = workers->quick[atomic_fetch_add(&workers->quick_taken, 1)];
    return own;
}

bool workers_submit(server_workers *workers, server_lane lane,
                    server_work *work)
{
    pthread_mutex_lock(&workers->mutex);
    bool is_taken = !workers->is_stopping;
    if (is_taken) put(&workers->queues[lane], work);
    pthread_mutex_unlock(&workers->mutex);
    if (is_taken)
        pthread_cond_signal(lane == LANE_READ ? &workers->for_readers
                                              : &workers->for_writer);
    return is_taken;
}

static void run_alone(server_work *work, server_database *database)
{
    work->run(work, database);
    work->done(work);
}

/* --------------------------------------------------------------- reading -- */

/* Wait for work; NULL when there will be none. */
static server_work *wait_for_read(server_workers *workers)
{
    pthread_mutex_lock(&workers->mutex);
    server_work *taken = take(&workers->queues[LANE_READ]);
    while (taken == NULL && !workers->is_stopping) {
        pthread_cond_wait(&workers->for_readers, &workers->mutex);
        taken = take(&workers->queues[LANE_READ]);
    }
    pthread_mutex_unlock(&workers->mutex);
    return taken;
}

static void *run_reader(void *context)
{
    server_workers *workers = context;
    pthread_mutex_lock(&workers->mutex);
    server_database *own = workers->reading[workers->next_reader++];
    pthread_mutex_unlock(&workers->mutex);
    for (server_work *work = wait_for_read(workers); work != NULL;
         work = wait_for_read(workers))
        run_alone(work, own);
    return NULL;
}

/* --------------------------------------------------------------- writing -- */

static bool is_before(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec < b->tv_sec ||
           (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}

static void plan_maintenance(server_workers *workers)
{
    clock_gettime(CLOCK_MONOTONIC, &workers->maintenance_at);
    workers->maintenance_at.tv_sec += MAINTENANCE_MS / 1000;
}

static bool is_maintenance_due(const server_workers *workers)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return !is_before(&now, &workers->maintenance_at);
}

/* What the writer does next. */
typedef struct server_turn {
    server_work *group[GROUP_MAX]; /* writes of items */
    int count;                     /* of them */
    server_work *alone;            /* or NULL */
    server_work *steps;            /* or NULL */
} server_turn;

static bool has_work(const server_turn *turn)
{
    return turn->count > 0 || turn->alone != NULL || turn->steps != NULL;
}

/* The mutex is held. */
static void take_turn(server_workers *workers, server_turn *turn)
{
    *turn = (server_turn){.count = 0};
    while (turn->count < GROUP_MAX) {
        server_work *work = take(&workers->queues[LANE_WRITE]);
        if (work == NULL) break;
        turn->group[turn->count++] = work;
    }
    turn->alone = take(&workers->queues[LANE_ALONE]);
}

/* From here on, nobody else writes. */
static void hold_writing(server_workers *workers)
{
    atomic_store(&workers->is_writer_busy, true);
    pthread_mutex_lock(&workers->write_mutex);
    pthread_mutex_unlock(&workers->write_mutex);
}

static void release_writing(server_workers *workers)
{
    atomic_store(&workers->is_writer_busy, false);
}

bool workers_write_here(server_workers *workers, server_work *work)
{
    if (!workers->is_private || atomic_load(&workers->is_writer_busy))
        return false;
    pthread_mutex_lock(&workers->write_mutex);
    bool is_free = !atomic_load(&workers->is_writer_busy);
    if (is_free) work->run(work, workers->writing);
    pthread_mutex_unlock(&workers->write_mutex);
    return is_free;
}

/* All of it in one transaction. Returns whether that is committed. */
static bool run_together(const server_turn *turn, server_database *database)
{
    if (turn->count < 2 || !database_begin(database)) return false;
    for (int i = 0; i < turn->count && database_has_begun(database); i++)
        turn->group[i]->run(turn->group[i], database);
    return database_has_begun(database) && database_commit(database);
}

/* What cannot be done together is done one by one. */
static void run_turn(const server_turn *turn, server_database *database)
{
    bool is_done = run_together(turn, database);
    for (int i = 0; i < turn->count; i++) {
        if (!is_done) turn->group[i]->run(turn->group[i], database);
        turn->group[i]->done(turn->group[i]);
    }
    if (turn->alone != NULL) run_alone(turn->alone, database);
}

/* Between two transactions of work in steps: writes that wait. */
static void serve_writes(void *context)
{
    server_workers *workers = context;
    server_turn turn;
    pthread_mutex_lock(&workers->mutex);
    take_turn(workers, &turn);
    pthread_mutex_unlock(&workers->mutex);
    run_turn(&turn, workers->writing);
}

/* Wait until there is work or maintenance is due. Returns false when there will
 * be no more. */
static bool wait_for_turn(server_workers *workers, server_turn *turn)
{
    pthread_mutex_lock(&workers->mutex);
    for (int rc = 0;;
         rc = pthread_cond_timedwait(&workers->for_writer, &workers->mutex,
                                     &workers->maintenance_at)) {
        take_turn(workers, turn);
        turn->steps = take(&workers->queues[LANE_STEPS]);
        if (has_work(turn) || workers->is_stopping || rc == ETIMEDOUT) break;
    }
    bool goes_on = has_work(turn) || !workers->is_stopping;
    pthread_mutex_unlock(&workers->mutex);
    return goes_on;
}

static void *run_writer(void *context)
{
    server_workers *workers = context;
    server_turn turn;
    while (wait_for_turn(workers, &turn)) {
        hold_writing(workers);
        run_turn(&turn, workers->writing);
        if (turn.steps != NULL) run_alone(turn.steps, workers->steps);
        if (is_maintenance_due(workers)) {
            database_maintain(workers->steps);
            plan_maintenance(workers);
        }
        release_writing(workers);
    }
    return NULL;
}

/* ------------------------------------------------------ beginning, ending --
 */

static bool make_locks(server_workers *workers)
{
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    bool is_made = pthread_mutex_init(&workers->mutex, NULL) == 0 &&
                   pthread_mutex_init(&workers->write_mutex, NULL) == 0 &&
                   pthread_cond_init(&workers->for_readers, NULL) == 0 &&
                   pthread_cond_init(&workers->for_writer, &clock) == 0;
    pthread_condattr_destroy(&clock);
    return is_made;
}

static dyn_status open_one(dyn_call *call, const workers_settings *settings,
                           server_database **out)
{
    return database_open(call, settings->path, settings->synchronous,
                         settings->is_private, out);
}

static dyn_status open_all(dyn_call *call, const workers_settings *settings,
                           server_workers *workers)
{
    DYN_TRY(open_one(call, settings, &workers->writing));
    DYN_TRY(open_one(call, settings, &workers->steps));
    database_set_pause(workers->steps, serve_writes, workers);
    for (int i = 0; i < settings->readers; i++) {
        DYN_TRY(open_one(call, settings, &workers->reading[i]));
        workers->reader_count++;
    }
    for (int i = 0; i < settings->submitters; i++) {
        DYN_TRY(open_one(call, settings, &workers->quick[i]));
        workers->quick_count++;
    }
    return DYN_OK;
}

static bool start_threads(server_workers *workers)
{
    plan_maintenance(workers);
    workers->has_writer =
        pthread_create(&workers->writer, NULL, run_writer, workers) == 0;
    if (!workers->has_writer) return false;
    for (int i = 0; i < workers->reader_count; i++) {
        if (pthread_create(&workers->readers[i], NULL, run_reader, workers) !=
            0)
            return false;
        workers->thread_count++;
    }
    return true;
}

dyn_status workers_start(dyn_call *call, const workers_settings *settings,
                         server_workers **out)
{
    *out = NULL;
    server_workers *made = calloc(1, sizeof(*made));
    if (made == NULL) return dyn_fail_nomem(call);
    for (int i = 0; i < LANE_COUNT; i++)
        made->queues[i].end = &made->queues[i].first;
    made->is_private = settings->is_private;
    if (!make_locks(made)) {
        free(made);
        return dyn_fail(call, DYN_INVALID, "no locks can be made");
    }
    assert(settings->readers <= READERS_MAX &&
           settings->submitters <= WORKERS_SUBMITTERS_MAX);
    dyn_status status = open_all(call, settings, made);
    if (status == DYN_OK && !start_threads(made))
        status = dyn_fail(call, DYN_INVALID, "no threads can be started");
    if (status == DYN_OK) {
        *out = made;
    } else {
        workers_stop(made);
        workers_close(made);
    }
    return status;
}

void workers_stop(server_workers *workers)
{
    pthread_mutex_lock(&workers->mutex);
    workers->is_stopping = true;
    pthread_mutex_unlock(&workers->mutex);
    pthread_cond_broadcast(&workers->for_readers);
    pthread_cond_broadcast(&workers->for_writer);
    for (int i = 0; i < workers->thread_count; i++)
        pthread_join(workers->readers[i], NULL);
    if (workers->has_writer) pthread_join(workers->writer, NULL);
}

void workers_close(server_workers *workers)
{
    for (int i = 0; i < workers->reader_count; i++)
        database_close(workers->reading[i]);
    for (int i = 0; i < workers->quick_count; i++)
        database_close(workers->quick[i]);
    database_close(workers->steps);
    database_close(workers->writing);
    pthread_cond_destroy(&workers->for_readers);
    pthread_cond_destroy(&workers->for_writer);
    pthread_mutex_destroy(&workers->write_mutex);
    pthread_mutex_destroy(&workers->mutex);
    free(workers);
}
