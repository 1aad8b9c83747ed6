/*
 * Runs a fuzz target on files: the corpus as a plain test.
 *
 *   replay_TARGET FOLDER
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *folder, const char *name)
{
    enum { PATH_BYTES = 4096, INPUT_BYTES = 65536 };
    static uint8_t data[INPUT_BYTES];
    char path[PATH_BYTES];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) return 1;
    size_t size = fread(data, 1, sizeof(data), file);
    fclose(file);
    /* of its own size, so that a sanitizer sees what reads behind it */
    uint8_t *copy = malloc(size + (size == 0));
    if (copy == NULL) return 1;
    for (size_t i = 0; i < size; i++)
        copy[i] = data[i];
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
    return 0;
}

int main(int argc, char **argv)
{
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
    size_t count = 0;
    if (folder == NULL) return 2;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] == '.') continue;
        if (replay(argv[1], entry->d_name) != 0) return 1;
        count++;
    }
    closedir(folder);
    printf("%zu inputs\n", count);
    return count == 0;
}
