#include "power_disk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SECTOR_BYTES = 512, PATH_BYTES = 200, NO_FILE = -1 };

typedef struct power_content {
    unsigned char *bytes;
    size_t size;
    size_t capacity;
} power_content;

/* Numbers of events. */
typedef struct power_list {
    size_t *numbers;
    size_t count;
    size_t capacity;
} power_list;

typedef struct disk_file {
    power_content synced;
    power_list pending; /* writes and truncations since then */
} disk_file;

struct power_disk {
    const power_record *record;
    size_t end;                      /* of what was played */
    disk_file *files;                /* by their numbers */
    int synced[POWER_NAMES];         /* the file of each name, or NO_FILE */
    power_list pending[POWER_NAMES]; /* creations and deletions since then */
};

/* What a cut leaves of the pending events of a file. */
typedef enum power_way {
    NONE,
    ALL,
    FIRST,
    EVENTS,
    SECTORS,
    ALL_BUT_ONE,
    ONE
} power_way;

static const char *const way_names[] = {
    "nothing",     "all",          "its begin",
    "some writes", "some sectors", "all writes but one",
    "one write",
};
enum { WAYS = sizeof(way_names) / sizeof(way_names[0]) };

typedef struct power_plan {
    power_way way;
    unsigned percent; /* what is left, of EVENTS and SECTORS */
    size_t pivot;     /* the event that ends FIRST, is missing, or left */
    bool is_garbage;  /* what a file has where nothing arrived */
    bool is_grown;    /* it has its size where nothing arrived */
} power_plan;

static void *must_have(void *memory)
{
    if (memory == NULL) abort();
    return memory;
}

static void list_add(power_list *list, size_t number)
{
    if (list->count == list->capacity) {
        list->capacity = 2 * list->capacity + 16;
        list->numbers = must_have(
            realloc(list->numbers, list->capacity * sizeof(*list->numbers)));
    }
    list->numbers[list->count++] = number;
}

/* --------------------------------------------------------------- content -- */

static void content_reserve(power_content *content, size_t size)
{
    if (size <= content->capacity) return;
    content->capacity = 2 * size;
    content->bytes = must_have(realloc(content->bytes, content->capacity));
}

static void content_resize(power_content *content, size_t size)
{
    content_reserve(content, size);
    if (size > content->size)
        memset(content->bytes + content->size, 0, size - content->size);
    content->size = size;
}

static void content_write(power_content *content, size_t at,
                          const unsigned char *bytes, size_t size)
{
    if (at + size > content->size) content_resize(content, at + size);
    if (size > 0) memcpy(content->bytes + at, bytes, size);
}

static void content_apply(power_content *content, const power_event *event)
{
    size_t at = (size_t)event->at;
    if (event->kind == POWER_WRITE)
        content_write(content, at, event->bytes, event->size);
    else
        content_resize(content, at);
}

/* -------------------------------------------------------------- the disk -- */

power_disk *power_disk_new(const power_record *record)
{
    power_disk *disk = must_have(calloc(1, sizeof(*disk)));
    disk->record = record;
    disk->files =
        must_have(calloc((size_t)record->files + 1, sizeof(*disk->files)));
    for (int name = 0; name < POWER_NAMES; name++)
        disk->synced[name] = NO_FILE;
    return disk;
}

void power_disk_free(power_disk *disk)
{
    for (int i = 0; i < disk->record->files; i++) {
        free(disk->files[i].synced.bytes);
        free(disk->files[i].pending.numbers);
    }
    for (int name = 0; name < POWER_NAMES; name++)
        free(disk->pending[name].numbers);
    free(disk->files);
    free(disk);
}

static void sync_file(power_disk *disk, disk_file *file)
{
    for (size_t i = 0; i < file->pending.count; i++)
        content_apply(&file->synced,
                      &disk->record->events[file->pending.numbers[i]]);
    file->pending.count = 0;
}

/* The file of a name after the first `count` of its pending events. */
static int file_named(const power_disk *disk, int name, size_t count)
{
    if (count == 0) return disk->synced[name];
    size_t last = disk->pending[name].numbers[count - 1];
    const power_event *event = &disk->record->events[last];
    return event->kind == POWER_CREATE ? event->file : NO_FILE;
}

static void sync_directory(power_disk *disk)
{
    for (int name = 0; name < POWER_NAMES; name++) {
        power_list *pending = &disk->pending[name];
        disk->synced[name] = file_named(disk, name, pending->count);
        pending->count = 0;
    }
}

static void play(power_disk *disk, size_t number)
{
    const power_event *event = &disk->record->events[number];
    disk_file *file = &disk->files[event->file];
    switch (event->kind) {
    case POWER_WRITE:
    case POWER_TRUNCATE:
        list_add(&file->pending, number);
        break;
    case POWER_SYNC:
        sync_file(disk, file);
        break;
    case POWER_CREATE:
    case POWER_DELETE:
        list_add(&disk->pending[event->name], number);
        break;
    case POWER_SYNC_DIRECTORY:
        sync_directory(disk);
        break;
    }
}

void power_disk_play(power_disk *disk, size_t end)
{
    while (disk->end < end)
        play(disk, disk->end++);
}

/* --------------------------------------------------------------- the cut -- */

static power_plan choose(power_random *random, const power_list *pending)
{
    static const unsigned percents[] = {10, 50, 90};
    power_plan plan = {.way = (power_way)power_random_below(random, WAYS),
                       .percent = percents[power_random_below(random, 3)],
                       .is_garbage = power_random_below(random, 4) == 0,
                       .is_grown = power_random_below(random, 4) == 0};
    if (pending->count > 0)
        plan.pivot =
            pending->numbers[power_random_below(random, pending->count)];
    return plan;
}

/* Of 100 sectors of an event, how many arrive. */
static unsigned percent_left(const power_plan *plan, power_random *random,
                             size_t number)
{
    switch (plan->way) {
    case NONE:
        return 0;
    case ALL:
        return 100;
    case FIRST:
        return number == plan->pivot ? 50 : number < plan->pivot ? 100 : 0;
    case EVENTS:
        return power_random_below(random, 100) < plan->percent ? 100 : 0;
    case SECTORS:
        return plan->percent;
    case ALL_BUT_ONE:
        return number == plan->pivot ? 0 : 100;
    case ONE:
        return number == plan->pivot ? 100 : 0;
    }
    return 0;
}

static void grow(power_content *content, size_t size, bool is_garbage,
                 power_random *random)
{
    size_t before = content->size;
    if (size <= before) return;
    content_resize(content, size);
    for (size_t i = before; is_garbage && i < size; i++)
        content->bytes[i] = (unsigned char)power_random_next(random);
}

/* One of ten sectors that get lost is torn: its begin or its end arrives. */
static void tear(power_content *content, size_t at, const unsigned char *bytes,
                 size_t size, power_random *random)
{
    size_t middle = power_random_below(random, size);
    if (power_random_below(random, 2) == 0)
        content_write(content, at, bytes, middle);
    else
        content_write(content, at + middle, bytes + middle, size - middle);
}

static void write_sectors(power_content *content, const power_event *event,
                          const power_plan *plan, unsigned percent,
                          power_random *random)
{
    size_t done = 0;
    while (done < event->size) {
        size_t at = (size_t)event->at + done;
        size_t size = SECTOR_BYTES - at % SECTOR_BYTES;
        if (size > event->size - done) size = event->size - done;
        bool arrives = power_random_below(random, 100) < percent;
        bool is_torn =
            !arrives && percent > 0 && power_random_below(random, 10) == 0;
        if (arrives || is_torn || plan->is_grown)
            grow(content, at + size, plan->is_garbage, random);
        if (arrives) content_write(content, at, event->bytes + done, size);
        if (is_torn) tear(content, at, event->bytes + done, size, random);
        done += size;
    }
}

/* What is left of a file; the bytes are the caller's. No truncation arrives
 * from the event `names_end` on. */
static power_content content_left(const power_disk *disk, const disk_file *file,
                                  size_t names_end, const power_plan *plan,
                                  power_random *random)
{
    power_content left = {0};
    content_write(&left, 0, file->synced.bytes, file->synced.size);
    for (size_t i = 0; i < file->pending.count; i++) {
        size_t number = file->pending.numbers[i];
        const power_event *event = &disk->record->events[number];
        unsigned percent = percent_left(plan, random, number);
        if (event->kind == POWER_WRITE)
            write_sectors(&left, event, plan, percent, random);
        else if (power_random_below(random, 100) < percent &&
                 number < names_end)
            content_apply(&left, event);
    }
    return left;
}

static void save(const char *path, const power_content *content)
{
    FILE *file = must_have(fopen(path, "wb"));
    size_t size = content->size;
    if (size > 0 && fwrite(content->bytes, 1, size, file) != size) abort();
    if (fclose(file) != 0) abort();
}

/* The file that each name leads to, or NO_FILE. Returns the first event of a
 * name that did not arrive. */
static size_t choose_names(const power_disk *disk, bool loses,
                           power_random *random, int files[POWER_NAMES])
{
    size_t names_end = SIZE_MAX;
    for (int name = 0; name < POWER_NAMES; name++) {
        const power_list *pending = &disk->pending[name];
        size_t count = pending->count;
        if (loses) count = power_random_below(random, count + 1);
        files[name] = file_named(disk, name, count);
        if (count < pending->count && pending->numbers[count] < names_end)
            names_end = pending->numbers[count];
    }
    return names_end;
}

/* A plan for all files: where it has a pivot, it is an event of one of them. */
static power_plan choose_common(const power_disk *disk, power_random *random,
                                const int files[POWER_NAMES])
{
    static const power_list none;
    const power_list *pending[POWER_NAMES] = {&none};
    size_t count = 0;
    for (int name = 0; name < POWER_NAMES; name++) {
        if (files[name] == NO_FILE) continue;
        const disk_file *file = &disk->files[files[name]];
        if (file->pending.count > 0) pending[count++] = &file->pending;
    }
    size_t one = power_random_below(random, count + (count == 0));
    return choose(random, pending[one]);
}

void power_disk_cut(const power_disk *disk, power_loss loss,
                    power_random *random, const char *path, const char **how)
{
    int files[POWER_NAMES];
    bool loses = loss == POWER_LOSE_AT_RANDOM;
    size_t names_end = choose_names(disk, loses, random, files);
    power_plan common = choose_common(disk, random, files);
    bool is_common = !loses || power_random_below(random, 2) == 0;
    if (!loses) common.way = ALL;
    *how = is_common ? way_names[common.way] : "another part of each file";
    for (int name = 0; name < POWER_NAMES; name++) {
        char file_path[PATH_BYTES];
        snprintf(file_path, PATH_BYTES, "%s%s", path, power_suffixes[name]);
        unlink(file_path);
        if (files[name] == NO_FILE) continue;
        const disk_file *file = &disk->files[files[name]];
        power_plan plan = is_common ? common : choose(random, &file->pending);
        power_content left = content_left(disk, file, names_end, &plan, random);
        save(file_path, &left);
        free(left.bytes);
    }
}
