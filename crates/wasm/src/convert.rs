//! Values across the border: configurations in by serde, errors and records out as plain objects.

use js_sys::{Float32Array, Float64Array, Object, Reflect};
use langevin_rnn_core::Error;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

/// A result whose error is a plain object `{ code, argument, value, expected, message }`.
pub(crate) type Outcome<T> = Result<T, JsValue>;

/// An object with the given properties.
pub(crate) fn record(entries: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (key, value) in entries {
        // Setting a property of a fresh plain object can't fail.
        let _ = Reflect::set(&object, &JsValue::from_str(key), value);
    }
    object.into()
}

/// The core's error as the wrapper's classes read it.
pub(crate) fn thrown(error: Error) -> JsValue {
    let message = error.to_string();
    let code = error.code();
    let (argument, value, expected) = error.parts();
    record(&[
        ("code", code.into()),
        ("argument", argument.into()),
        ("value", value.into()),
        ("expected", expected.into()),
        ("message", message.into()),
    ])
}

/// Reads a configuration object; what doesn't fit names itself.
pub(crate) fn read<T: DeserializeOwned>(argument: &'static str, value: JsValue) -> Outcome<T> {
    serde_wasm_bindgen::from_value(value).map_err(|error| {
        thrown(Error::invalid(
            argument,
            error,
            "an object with the documented fields",
        ))
    })
}

/// A plain value as JavaScript sees it in JSON.
pub(crate) fn write<T: Serialize>(value: &T) -> Outcome<JsValue> {
    value
        .serialize(&serde_wasm_bindgen::Serializer::json_compatible())
        .map_err(|error| JsValue::from_str(&error.to_string()))
}

pub(crate) fn singles(values: &[f32]) -> JsValue {
    Float32Array::from(values).into()
}

pub(crate) fn doubles(values: &[f64]) -> JsValue {
    Float64Array::from(values).into()
}
