/*
 * Settings of auto scaling as text (docs/reference.md, "Auto scaling"):
 *
 *   settings   MIN..MAX [at PERCENT] [up every SECONDS]
 *                       [down every SECONDS | down never]
 *            | off
 *
 * Layer: engine, for the files that read and print declarations.
 */
#ifndef DYN_ENGINE_DECLARATION_SCALING_H
#define DYN_ENGINE_DECLARATION_SCALING_H

#include "base/buffer.h"
#include "engine/definition.h"

/* Read the text of the option or words that name says. off gives
 * DYN_UNITS_NONE as the maximum. Fails with DYN_INVALID. */
dyn_status dyn_scaling_parse(dyn_call *call, const char *name, dyn_bytes text,
                             dyn_scaling_settings *out);

/* Check settings from elsewhere. Fails with DYN_INVALID. */
dyn_status dyn_scaling_check(dyn_call *call, const char *name,
                             const dyn_scaling_settings *settings);

/* Write the text, in quotes. */
void dyn_scaling_print(dyn_buffer *out, const dyn_scaling_settings *settings);

#endif
