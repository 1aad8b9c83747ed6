/* The command line of the server, and its file of access keys. */
#include "arguments.h"
#include "credentials.h"
#include "unit.h"

static dyn_call call;

static void begin(void)
{
    dyn_call_begin(&call);
}

static void end(void)
{
    dyn_call_end(&call);
}

enum { WORDS_MAX = 8 };

static char message[256];
static server_arguments read;

static bool read_line(const char *const *words)
{
    int count = 0;
    while (count < WORDS_MAX && words[count] != NULL)
        count++;
    message[0] = '\0';
    return arguments_read(count, (char *const *)(uintptr_t)words, &read,
                          message, sizeof(message));
}

START_TEST(without_arguments_it_serves_from_memory_to_this_machine)
{
    ck_assert(read_line((const char *const[]){NULL}));
    ck_assert_ptr_null(read.file);
    ck_assert_str_eq(read.host, "127.0.0.1");
    ck_assert_int_eq(read.port, 8000);
    ck_assert_ptr_null(read.credentials);
    ck_assert_str_eq(read.synchronous, "full");
    ck_assert_int_ge(read.workers, 4);
    ck_assert(!read.wants_help && !read.wants_version);
}
END_TEST

START_TEST(options_stand_before_and_behind_the_file)
{
    ck_assert(read_line((const char *const[WORDS_MAX]){
        "--port", "0", "shop.db", "--host", "::1", "--synchronous", "normal"}));
    ck_assert_str_eq(read.file, "shop.db");
    ck_assert_int_eq(read.port, 0);
    ck_assert_str_eq(read.host, "::1");
    ck_assert_str_eq(read.synchronous, "normal");
    ck_assert(read_line((const char *const[WORDS_MAX]){
        ":memory:", "--workers", "64", "--timeout", "3600"}));
    ck_assert_ptr_null(read.file);
    ck_assert_int_eq(read.workers, 64);
    ck_assert_int_eq(read.timeout_seconds, 3600);
}
END_TEST

static const struct {
    const char *words[WORDS_MAX];
    bool has_console;
} consoles[] = {
    {{NULL}, true},
    {{"--host", "localhost"}, true},
    {{"--host", "127.9.9.9"}, true},
    {{"--host", "::1"}, true},
    {{"--host", "127.evil.example"}, false},
    {{"--host", "0.0.0.0"}, false},
    {{"--host", "::"}, false},
    {{"--credentials", "keys"}, false},
    {{"--no-console"}, false},
    {{"--credentials", "keys", "--console"}, true},
    {{"--console", "--host", "::"}, true},
    {{"--console", "--no-console"}, false},
};

START_TEST(the_console_is_there_where_only_this_machine_comes)
{
    ck_assert(read_line(consoles[_i].words));
    ck_assert(read.has_console == consoles[_i].has_console);
}
END_TEST

static const struct {
    const char *words[WORDS_MAX];
    const char *message;
} wrong[] = {
    {{"--port"}, "--port needs a value"},
    {{"--port", "x"}, "--port is a number from 0 to 65535, not x"},
    {{"--port", ""}, "--port is a number from 0 to 65535, not "},
    {{"--port", "80 "}, "--port is a number from 0 to 65535, not 80 "},
    {{"--port", "-1"}, "--port is a number from 0 to 65535, not -1"},
    {{"--port", "65536"}, "--port is a number from 0 to 65535, not 65536"},
    {{"--port", "99999999999999999999"},
     "--port is a number from 0 to 65535, not 99999999999999999999"},
    {{"--workers", "0"}, "--workers is a number from 1 to 64, not 0"},
    {{"--synchronous", "on"}, "--synchronous is off, normal or full, not on"},
    {{"--host", ""}, "--host is empty"},
    {{"--credentials", ""}, "--credentials is empty"},
    {{""}, "FILE is empty"},
    {{"a.db", "b.db"}, "one file can be served: a.db or b.db"},
    {{"--what"}, "there is no option --what"},
    {{"-p", "1"}, "there is no option -p"},
};

START_TEST(a_wrong_argument_is_named)
{
    ck_assert(!read_line(wrong[_i].words));
    ck_assert_str_eq(message, wrong[_i].message);
}
END_TEST

/* ------------------------------------------------------------ credentials --
 */

static dyn_status read_keys(const char *text, credential_list *out)
{
    return credentials_read(&call, dyn_bytes_text(text), out);
}

START_TEST(a_file_has_a_key_and_a_secret_on_each_line)
{
    credential_list keys;
    ck_assert_int_eq(read_keys("# mine\n\nAKID1 secret/1+\r\n\t AKID2\t"
                               "secret2 \n  \nAKID3 three",
                               &keys),
                     DYN_OK);
    ck_assert_uint_eq(keys.count, 3);
    ck_assert(dyn_bytes_equal_text(
        credentials_secret(&keys, dyn_bytes_text("AKID1")), "secret/1+"));
    ck_assert(dyn_bytes_equal_text(
        credentials_secret(&keys, dyn_bytes_text("AKID2")), "secret2"));
    ck_assert(dyn_bytes_equal_text(
        credentials_secret(&keys, dyn_bytes_text("AKID3")), "three"));
    ck_assert_ptr_null(credentials_secret(&keys, dyn_bytes_text("AKID")).data);
    ck_assert_ptr_null(credentials_secret(&keys, dyn_bytes_text("akid1")).data);
}
END_TEST

static const struct {
    const char *text;
    const char *message;
} files[] = {
    {"", "it has no access keys"},
    {"# none\n", "it has no access keys"},
    {"a b\nAKID\n", "line 2 is not an access key and a secret"},
    {"AKID one two\n", "line 1 is not an access key and a secret"},
};

START_TEST(a_wrong_line_is_named)
{
    credential_list keys;
    ck_assert_int_eq(read_keys(files[_i].text, &keys), DYN_INVALID);
    ck_assert_str_eq(call.error.message, files[_i].message);
}
END_TEST

START_TEST(a_file_that_is_not_there_is_named)
{
    credential_list keys;
    ck_assert_int_eq(credentials_load(&call, "/nowhere/keys", &keys),
                     DYN_INVALID);
    ck_assert_str_eq(call.error.message,
                     "/nowhere/keys cannot be opened: No such file or "
                     "directory");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("arguments");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests,
                   without_arguments_it_serves_from_memory_to_this_machine);
    tcase_add_test(tests, options_stand_before_and_behind_the_file);
    tcase_add_loop_test(tests,
                        the_console_is_there_where_only_this_machine_comes, 0,
                        COUNT_OF(consoles));
    tcase_add_loop_test(tests, a_wrong_argument_is_named, 0, COUNT_OF(wrong));
    tcase_add_test(tests, a_file_has_a_key_and_a_secret_on_each_line);
    tcase_add_loop_test(tests, a_wrong_line_is_named, 0, COUNT_OF(files));
    tcase_add_test(tests, a_file_that_is_not_there_is_named);
    return unit_run("arguments", tests);
}
