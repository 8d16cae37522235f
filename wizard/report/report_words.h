/* SPDX-License-Identifier: ISC
 *
 * What the formats share: closed values in plain words, times, and text cut
 * into lines. Pure functions.
 */
#ifndef REPORT_WORDS_H
#define REPORT_WORDS_H

#include "../../probes/base/buf.h"
#include "report.h"

#include <stdint.h>

/* The headline's state word: "PROBLEM FOUND", "ALL TESTS PASSED", ... */
const char *report_word_state(const struct verdict *v);
/* Who can fix it, as a sentence. */
const char *report_word_fixed_by(const char *fixed_by);
const char *report_word_confidence(const char *confidence);
const char *report_word_setting(const char *setting);
/* A setting's value as mail programs print it; "" reads "not given". */
const char *report_word_value(const char *setting, const char *value);
/* "pass" and so on of recommendation.tested. */
const char *report_word_tested(const char *result);
const char *report_word_tested_name(const char *name);

/* "14:02:11 UTC"; "5.0 s" or "31 ms". The caller frees. */
char *report_clock(int64_t utc_ms);
char *report_duration(int64_t ms);

/*
 * Appends text in lines of at most `columns` columns: `lead` stands before
 * the first, blanks of the same width before the others. A word that is too
 * long for a line is broken.
 */
void report_wrap(
    struct buf *out, const char *lead, const char *text, int columns);

/* Splits text into such lines without a lead. */
void report_lines(struct strs *out, const char *text, int columns);

#endif
