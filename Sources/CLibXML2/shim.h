#pragma once
#include <libxml/xmlversion.h>
// Debian's libxml2 is built with ICU, and its headers would bring ICU's along, whose types clash with
// those that Foundation carries. Without this macro, only the layout of _xmlCharEncodingHandler is
// declared otherwise, and nothing here looks into that struct.
#undef LIBXML_ICU_ENABLED
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlregexp.h>
