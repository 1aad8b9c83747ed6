/* Finding credentials; the contract is in credentials.h. */
#include "credentials.h"

#include <stdio.h>
#include <stdlib.h>

enum { LINE_BYTES = 4096 };

/* A variable of the environment, copied; NULL when it is not set, or empty.
 * Fails with DYN_NOMEM. */
static dyn_status variable(dyn_call *call, const char *name, const char **out)
{
    const char *value = getenv(name);
    *out = NULL;
    if (value == NULL || value[0] == '\0') return DYN_OK;
    *out = dyn_format(call, "%s", value);
    return *out == NULL ? DYN_NOMEM : DYN_OK;
}

static dyn_bytes trimmed(dyn_bytes text)
{
    while (text.size_bytes > 0 && isspace(text.data[0])) {
        text.data++;
        text.size_bytes--;
    }
    while (text.size_bytes > 0 && isspace(text.data[text.size_bytes - 1]))
        text.size_bytes--;
    return text;
}

/* `name = value` as its two parts. */
static bool split(dyn_bytes line, dyn_bytes *name, dyn_bytes *value)
{
    const unsigned char *equals = memchr(line.data, '=', line.size_bytes);
    if (equals == NULL) return false;
    size_t at = (size_t)(equals - line.data);
    *name = trimmed((dyn_bytes){line.data, at});
    *value = trimmed((dyn_bytes){equals + 1, line.size_bytes - at - 1});
    return true;
}

static dyn_status take_line(dyn_call *call, dyn_bytes line,
                            remote_credentials *out)
{
    dyn_bytes name = {NULL, 0};
    dyn_bytes value = {NULL, 0};
    const char **to = NULL;
    if (!split(line, &name, &value)) return DYN_OK;
    if (dyn_bytes_equal_text(name, "aws_access_key_id")) to = &out->key;
    if (dyn_bytes_equal_text(name, "aws_secret_access_key")) to = &out->secret;
    if (dyn_bytes_equal_text(name, "aws_session_token")) to = &out->token;
    if (to == NULL) return DYN_OK;
    DYN_TRY(dyn_copy(call, value, &value));
    *to = (const char *)value.data;
    return DYN_OK;
}

/* The lines behind [profile], up to the next section. */
static dyn_status read_profile(dyn_call *call, FILE *file, const char *profile,
                               remote_credentials *out)
{
    char text[LINE_BYTES];
    bool is_inside = false;
    while (fgets(text, sizeof(text), file) != NULL) {
        dyn_bytes line = trimmed(dyn_bytes_text(text));
        if (line.size_bytes == 0 || line.data[0] == '#') continue;
        if (line.data[0] == '[') {
            dyn_bytes name = {line.data + 1, line.size_bytes - 1};
            if (line.data[line.size_bytes - 1] == ']') name.size_bytes--;
            is_inside = dyn_bytes_equal_text(trimmed(name), profile);
        } else if (is_inside) {
            DYN_TRY(take_line(call, line, out));
        }
    }
    return DYN_OK;
}

static dyn_status find_file(dyn_call *call, const char **out)
{
    const char *home = NULL;
    DYN_TRY(variable(call, "AWS_SHARED_CREDENTIALS_FILE", out));
    if (*out != NULL) return DYN_OK;
    DYN_TRY(variable(call, "HOME", &home));
    *out = dyn_format(call, "%s/.aws/credentials", home != NULL ? home : "");
    return *out == NULL ? DYN_NOMEM : DYN_OK;
}

static dyn_status find_profile(dyn_call *call, const char *profile,
                               remote_credentials *out)
{
    const char *path = NULL;
    DYN_TRY(find_file(call, &path));
    FILE *file = fopen(path, "re");
    if (file == NULL) return DYN_OK;
    dyn_status status = read_profile(call, file, profile, out);
    fclose(file);
    return status;
}

static dyn_status find_variables(dyn_call *call, remote_credentials *out)
{
    DYN_TRY(variable(call, "AWS_ACCESS_KEY_ID", &out->key));
    DYN_TRY(variable(call, "AWS_SECRET_ACCESS_KEY", &out->secret));
    return variable(call, "AWS_SESSION_TOKEN", &out->token);
}

static bool is_complete(const remote_credentials *credentials)
{
    return credentials->key != NULL && credentials->secret != NULL;
}

dyn_status remote_credentials_find(dyn_call *call, const char *profile,
                                   remote_credentials *out)
{
    *out = (remote_credentials){.key = NULL};
    bool is_named = profile != NULL;
    if (!is_named) {
        DYN_TRY(find_variables(call, out));
        if (is_complete(out)) return DYN_OK;
        DYN_TRY(variable(call, "AWS_PROFILE", &profile));
        if (profile == NULL) profile = "default";
        *out = (remote_credentials){.key = NULL};
    }
    DYN_TRY(find_profile(call, profile, out));
    if (is_complete(out)) return DYN_OK;
    if (is_named) {
        return dyn_fail(call, DYN_INVALID,
                        "the profile %s has no aws_access_key_id and "
                        "aws_secret_access_key in ~/.aws/credentials",
                        profile);
    }
    return dyn_fail(call, DYN_INVALID,
                    "there are no credentials: set AWS_ACCESS_KEY_ID and "
                    "AWS_SECRET_ACCESS_KEY, or a profile. A local server "
                    "takes any");
}
