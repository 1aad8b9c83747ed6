/*
 * 12 threads of three processes, each with a connection, read and write two
 * dynamo tables of one file at random: in transactions and without, with
 * savepoints, failing statements, interrupts, changes of the schema, damage,
 * attached files, VACUUM, and a file that is replaced by an earlier copy.
 * Claim: each read is explained by the order of commits (history.h tells how
 * that is known), and dynamo_check() is ok at the end.
 *
 * usage: history [--seconds N] [--seed N] [--mode WAL|DELETE]
 *
 * Both modes, if none is given, for half of the time each. A failure prints the
 * last statements of its thread. They depend on the seed; how threads meet does
 * not.
 */
#include "history.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PROCESSES = 3, THREADS_FIRST = 8, THREADS_OTHER = 2, THREADS_MAX = 8 };

typedef struct options {
    double seconds;
    uint64_t seed;
    const char *mode; /* NULL: both */
} options;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* -------------------------------------------------------------- workers -- */

static void open_again(worker *w)
{
    history_close(w);
    history_open(w, history_random(w, 5) == 0);
}

static void take_turn(worker *w)
{
    int what = history_random(w, 400);
    if (what == 0) {
        pthread_rwlock_wrlock(&w->all->idle);
        replace_file(w);
        pthread_rwlock_unlock(&w->all->idle);
        return;
    }
    pthread_rwlock_rdlock(&w->all->idle);
    if (what < 4) {
        open_again(w);
    } else if (what < 10) {
        change_file(w);
    } else if (what < 12) {
        if (!w->is_read_only) damage_leaves(w);
    } else if (what < 100) {
        read_alone(w);
    } else if (what < 150) {
        if (!w->is_read_only) write_alone(w);
    } else {
        transaction_run(w);
    }
    w->is_lost = false;
    pthread_rwlock_unlock(&w->all->idle);
}

static void *work(void *argument)
{
    worker *w = argument;
    pthread_rwlock_rdlock(&w->all->idle);
    history_open(w, false);
    pthread_rwlock_unlock(&w->all->idle);
    while (!w->all->is_over && !w->all->has_failed)
        take_turn(w);
    pthread_rwlock_rdlock(&w->all->idle);
    history_close(w);
    pthread_rwlock_unlock(&w->all->idle);
    for (int i = 0; i < LOG_LINES; i++)
        sqlite3_free(w->log[i]);
    return NULL;
}

static worker make_worker(shared *all, const char *file, uint64_t seed,
                          int number)
{
    uint64_t random = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15) +
                      (uint64_t)number * UINT64_C(0xbf58476d1ce4e5b9);
    return (worker){.all = all,
                    .file = file,
                    .number = number,
                    .seed = seed,
                    .random = random == 0 ? 1 : random};
}

/* ------------------------------------------------------------ processes -- */

static void run_threads(shared *all, const char *file, uint64_t seed,
                        int process)
{
    pthread_t threads[THREADS_MAX];
    worker workers[THREADS_MAX];
    int count = process == 0 ? THREADS_FIRST : THREADS_OTHER;
    for (int i = 0; i < count; i++) {
        workers[i] =
            make_worker(all, file, seed, process * THREADS_MAX + i + 1);
        pthread_create(&threads[i], NULL, work, &workers[i]);
    }
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
}

static void create_file(shared *all, const char *file, uint64_t seed,
                        const char *mode)
{
    worker w = make_worker(all, file, seed, 50);
    history_open(&w, false);
    history_run(&w, "PRAGMA journal_mode = %s", mode);
    truth_create(&w);
    for (int i = 0; i < 40; i++)
        transaction_run(&w);
    history_close(&w);
    for (int i = 0; i < LOG_LINES; i++)
        sqlite3_free(w.log[i]);
}

/* What is there at the end is what the history says, whole and sound. */
static void check_file(shared *all, const char *file, uint64_t seed)
{
    worker w = make_worker(all, file, seed, 51);
    history_open(&w, false);
    answer sound = history_ask(&w, "PRAGMA integrity_check");
    if (strcmp(sound.text, "ok\n") != 0) history_fail(&w, "%s", sound.text);
    sqlite3_free(sound.text);
    transaction_begin(&w, "IMMEDIATE");
    for (int i = 0; i < TABLES; i++) {
        table t;
        if (!truth_table(&w, 0, i, &t)) continue;
        if (t.is_damaged) history_fail(&w, "%s is damaged", t.name);
        answer a = history_ask(&w, "SELECT dynamo_check('%s')", t.name);
        if (strcmp(a.text, "ok\n") != 0)
            history_fail(&w, "dynamo_check: %s", a.text);
        sqlite3_free(a.text);
        read_all(&w, &t);
    }
    transaction_roll_back(&w);
    history_close(&w);
    for (int i = 0; i < LOG_LINES; i++)
        sqlite3_free(w.log[i]);
}

/* Each process begins without SQLite, and ends with how it went. */
static int start(void (*run)(shared *, const char *, uint64_t, int),
                 shared *all, const char *file, uint64_t seed, int number)
{
    fflush(NULL);
    int child = fork();
    if (child != 0) return child;
    run(all, file, seed, number);
    _exit(all->has_failed);
}

static bool finish(int child)
{
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void create_files(shared *all, const char *file, uint64_t seed, int mode)
{
    char other[256];
    const char *name = mode == 0 ? "WAL" : "DELETE";
    snprintf(other, sizeof(other), "%s-other", file);
    create_file(all, file, seed, name);
    create_file(all, other, seed, name);
}

static void check_files(shared *all, const char *file, uint64_t seed,
                        int unused)
{
    char other[256];
    (void)unused;
    snprintf(other, sizeof(other), "%s-other", file);
    check_file(all, file, seed);
    check_file(all, other, seed);
}

static bool run_workers(shared *all, const char *file, const options *o,
                        double seconds)
{
    int children[PROCESSES];
    double end = now() + seconds;
    for (int i = 0; i < PROCESSES; i++)
        children[i] = start(run_threads, all, file, o->seed, i);
    while (now() < end && !all->has_failed)
        usleep(20000);
    for (int i = 0; i < 100 && all->has_failed && !all->is_told; i++)
        usleep(20000);
    all->is_over = true;
    bool is_ok = true;
    for (int i = 0; i < PROCESSES; i++) {
        if (all->has_failed) kill(children[i], SIGKILL); /* it may wait */
        is_ok = finish(children[i]) && is_ok;
    }
    return is_ok;
}

/* ----------------------------------------------------------------- main -- */

static shared *make_shared(void)
{
    shared *all = mmap(NULL, sizeof(*all), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_rwlockattr_t attributes;
    if (all == MAP_FAILED) return NULL;
    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_rwlockattr_setkind_np(&attributes,
                                  PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&all->idle, &attributes);
    pthread_rwlockattr_destroy(&attributes);
    return all;
}

static void remove_files(const char *file)
{
    static const char *const parts[] = {"", "-other", "-copy"};
    static const char *const beside[] = {"", "-wal", "-shm", "-journal"};
    char name[256];
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        for (size_t j = 0; j < sizeof(beside) / sizeof(beside[0]); j++) {
            snprintf(name, sizeof(name), "%s%s%s", file, parts[i], beside[j]);
            unlink(name);
        }
    }
}

static void print_counts(const char *mode, const shared *all)
{
    static const char *const names[COUNT_COUNT] = {
        [COUNT_READS] = "reads",           [COUNT_ALONE] = "reads alone",
        [COUNT_WRITES] = "writes",         [COUNT_COMMITS] = "commits",
        [COUNT_UNDONE] = "undone",         [COUNT_REFUSED] = "refused",
        [COUNT_SCHEMA] = "schema changes", [COUNT_FILES] = "files",
        [COUNT_DAMAGE] = "damage",         [COUNT_BUSY] = "busy",
    };
    printf("history %s:", mode);
    for (int i = 0; i < COUNT_COUNT; i++)
        printf("%s %ld %s", i == 0 ? "" : ",", (long)all->counts[i], names[i]);
    printf("\n");
}

static bool run_mode(const options *o, double seconds, int mode)
{
    char file[64];
    shared *all = make_shared();
    if (all == NULL) return false;
    snprintf(file, sizeof(file), "/tmp/dynamo-history-%d.db", (int)getpid());
    remove_files(file);
    bool is_ok = finish(start(create_files, all, file, o->seed, mode)) &&
                 run_workers(all, file, o, seconds) &&
                 finish(start(check_files, all, file, o->seed, mode));
    print_counts(mode == 0 ? "WAL" : "DELETE", all);
    remove_files(file);
    munmap(all, sizeof(*all));
    return is_ok;
}

static options read_options(int argc, char **argv)
{
    options o = {.seconds = 7, .seed = (uint64_t)time(NULL)};
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--seconds") == 0) o.seconds = atof(argv[i + 1]);
        if (strcmp(argv[i], "--seed") == 0)
            o.seed = strtoull(argv[i + 1], NULL, 10);
        if (strcmp(argv[i], "--mode") == 0) o.mode = argv[i + 1];
    }
    return o;
}

int main(int argc, char **argv)
{
    static const char *const modes[] = {"WAL", "DELETE"};
    options o = read_options(argc, argv);
    double seconds = o.mode == NULL ? o.seconds / 2 : o.seconds;
    bool is_ok = true;
    for (int mode = 0; mode < 2; mode++) {
        if (o.mode == NULL || strcmp(o.mode, modes[mode]) == 0)
            is_ok = is_ok && run_mode(&o, seconds, mode);
    }
    printf("history: seed %llu, %s\n", (unsigned long long)o.seed,
           is_ok ? "ok" : "failed");
    return is_ok ? 0 : 1;
}
