/* HTML of the console, its forms, and who may send them. */
#include "form.h"
#include "guard.h"
#include "html.h"
#include "unit.h"

static dyn_call call;
static dyn_buffer out;

static void begin(void)
{
    dyn_call_begin(&call);
    dyn_buffer_begin(&out, &call, 64);
}

static void end(void)
{
    dyn_call_end(&call);
}

static const char *written(void)
{
    dyn_bytes text;
    ck_assert_int_eq(dyn_buffer_end(&out, &text), DYN_OK);
    return (const char *)text.data;
}

START_TEST(what_is_added_is_text_wherever_it_stands)
{
    html_add(&out, "<a href=\"?%q\" title=\"%b\">%s %d%%</a>",
             dyn_bytes_text("a b&\"'<ä"), dyn_bytes_text("\"><b>'&"), "<i>",
             (int64_t)-5);
    ck_assert_str_eq(written(),
                     "<a href=\"?a%20b%26%22%27%3C%C3%A4\" "
                     "title=\"&quot;&gt;&lt;b&gt;&#39;&amp;\">&lt;i&gt; "
                     "-5%</a>");
}
END_TEST

START_TEST(what_is_no_character_is_replaced)
{
    static const char text[] = "a\0b\x01\x7f\xff\xc3\xe2\x82 \n\tä";
    html_escape(&out,
                (dyn_bytes){(const unsigned char *)text, sizeof(text) - 1});
    ck_assert_str_eq(written(), "a\ufffdb\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd "
                                "\n\tä");
}
END_TEST

static const struct {
    const char *number;
    const char *shown;
} numbers[] = {
    {"0", "0"},         {"999", "999"},
    {"1000", "1,000"},  {"-1234567", "-1,234,567"},
    {"12.0", "12"},     {"1234.5", "1,234.5"},
    {"1e+20", "1e+20"}, {"", ""},
    {"-", "-"},         {"<b>", "&lt;b&gt;"},
};

START_TEST(numbers_are_in_groups)
{
    html_number(&out, dyn_bytes_text(numbers[_i].number));
    ck_assert_str_eq(written(), numbers[_i].shown);
}
END_TEST

static const struct {
    int64_t size_bytes;
    const char *shown;
} sizes[] = {
    {0, "0 B"},
    {1023, "1023 B"},
    {1024, "1.0 KB"},
    {1536, "1.5 KB"},
    {204800, "200 KB"},
    {5LL << 30, "5.0 GB"},
    {INT64_MAX, "8388608 TB"},
};

START_TEST(sizes_are_told_in_few_digits)
{
    html_size(&out, sizes[_i].size_bytes);
    ck_assert_str_eq(written(), sizes[_i].shown);
}
END_TEST

static const struct {
    const char *sent;
    const char *value; /* of a */
} forms[] = {
    {"a=1", "1"},
    {"b=2&a=1&a=3", "1"},
    {"a", ""},
    {"", ""},
    {"a=b=c", "b=c"},
    {"a=%41+%2B", "A +"},
    {"a=%4&b", "%4"},
    {"a=%", "%"},
    {"a=%zz", "%zz"},
    {"%61=x", "x"},
    {"a=1%0D%0A2%0D", "1\n2\r"},
    {"&&=&a=1", "1"},
};

START_TEST(fields_are_read_as_they_were_filled_in)
{
    server_form form;
    ck_assert_int_eq(form_read(&call, dyn_bytes_text(forms[_i].sent), &form),
                     DYN_OK);
    ck_assert_str_eq((const char *)form_value(&form, "a").data,
                     forms[_i].value);
}
END_TEST

static const struct {
    const char *host;
    const char *origin;
    const char *site;
    bool is_own_host;
    bool is_own_origin;
} requests[] = {
    {"localhost:8000", "http://localhost:8000", "same-origin", true, true},
    {"127.0.0.1:8000", "http://127.0.0.1:8000", NULL, true, true},
    {"[::1]:8000", "https://[::1]:8000", NULL, true, true},
    {"console.example", "http://console.example", NULL, true, true},
    {"localhost", NULL, "same-origin", true, true},
    {"localhost", NULL, NULL, true, false},
    {"localhost", NULL, "none", true, false},
    {"localhost", "null", NULL, true, false},
    {"localhost:8000", "http://localhost:8001", NULL, true, false},
    {"localhost:8000", "http://localhost:80001", NULL, true, false},
    {"localhost", "http://localhost", "same-site", true, false},
    {"evil.example", "http://evil.example", "same-origin", false, true},
    {"127.0.0.1.evil.example", NULL, NULL, false, false},
    {"1.2.3", NULL, NULL, false, false},
    {"[evil.example]", NULL, NULL, false, false},
    {"[", "http://[", NULL, false, true},
    {"", "http://", NULL, false, false},
    {NULL, NULL, NULL, false, false},
};

START_TEST(a_request_comes_from_its_own_host_and_origin)
{
    const char *values[] = {requests[_i].host, requests[_i].origin,
                            requests[_i].site};
    const char *names[] = {"Host", "Origin", "Sec-Fetch-Site"};
    http_header headers[3];
    http_request request = {.headers = headers};
    for (size_t i = 0; i < 3; i++) {
        if (values[i] == NULL) continue;
        headers[request.header_count++] =
            (http_header){dyn_bytes_text(names[i]), dyn_bytes_text(values[i])};
    }
    ck_assert(guard_host_is_own(&request, "console.example") ==
              requests[_i].is_own_host);
    ck_assert(guard_origin_is_own(&request) == requests[_i].is_own_origin);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("html");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, what_is_added_is_text_wherever_it_stands);
    tcase_add_test(tests, what_is_no_character_is_replaced);
    tcase_add_loop_test(tests, numbers_are_in_groups, 0, COUNT_OF(numbers));
    tcase_add_loop_test(tests, sizes_are_told_in_few_digits, 0,
                        COUNT_OF(sizes));
    tcase_add_loop_test(tests, fields_are_read_as_they_were_filled_in, 0,
                        COUNT_OF(forms));
    tcase_add_loop_test(tests, a_request_comes_from_its_own_host_and_origin, 0,
                        COUNT_OF(requests));
    return unit_run("html", tests);
}
