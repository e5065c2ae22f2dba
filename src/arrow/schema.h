/*
 * Arrow's schema: read from and written to the flatbuffer form that Parquet files carry under
 * "ARROW:schema" and that opens every Arrow IPC stream.
 *
 * Source of the format: Schema.fbs and Message.fbs of apache/arrow.
 */
#ifndef WEIR_ARROW_SCHEMA_H
#define WEIR_ARROW_SCHEMA_H

#include "column/column.h"
#include "mem/mem.h"

/*
 * Fills fields[i].arrow for every field whose name is a top-level field of the schema in value
 * (base64 text of an encapsulated Schema message, as Parquet carries it). What cannot be understood
 * is left alone: a damaged or foreign schema is no error, since the Parquet types are the truth.
 */
void arrow_schema_apply(const char *value, size_t value_size, struct column_field *fields,
                        uint32_t field_count, struct mem_account *account);

/* Appends an encapsulated Schema message (continuation marker, length, flatbuffer, padding to 8).
 */
CHECKED enum error_code arrow_schema_message(const struct column_field *fields,
                                             uint32_t field_count, struct mem_buffer *ret,
                                             struct error *error);

/* Appends the base64 text of that message: the value for "ARROW:schema". */
CHECKED enum error_code arrow_schema_base64(const struct column_field *fields, uint32_t field_count,
                                            struct mem_buffer *ret, struct error *error);
#endif
