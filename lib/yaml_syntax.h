/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_YAML_SYNTAX_H
#define XPM_YAML_SYNTAX_H

#include <yaml.h>

#include "document.h"

/* Say what keeps libyaml from reading on at spot, in words for people. */
void xpm_yaml_syntax_error(struct xpm_document *document, const yaml_parser_t *parser, const struct xpm_spot *spot);

#endif
